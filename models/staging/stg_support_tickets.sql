{{ segmentation.usable_rows('support_tickets') }}
