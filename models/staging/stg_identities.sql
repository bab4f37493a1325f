{{ segmentation.usable_rows('identities') }}
