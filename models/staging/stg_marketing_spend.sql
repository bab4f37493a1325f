{{ segmentation.usable_rows('marketing_spend') }}
