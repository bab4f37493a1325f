{{ segmentation.usable_rows('accounts') }}
