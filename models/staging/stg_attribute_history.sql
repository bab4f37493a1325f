{{ segmentation.usable_rows('attribute_history') }}
