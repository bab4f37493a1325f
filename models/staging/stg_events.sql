{{ segmentation.usable_rows('events') }}
