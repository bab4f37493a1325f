{{ segmentation.usable_rows('subscriptions') }}
