{{ segmentation.usable_rows('account_stages') }}
