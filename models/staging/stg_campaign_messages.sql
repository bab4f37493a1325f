{{ segmentation.usable_rows('campaign_messages') }}
