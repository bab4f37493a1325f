{{ segmentation.usable_rows('users') }}
