{{ segmentation.usable_rows('account_technologies') }}
