{{ segmentation.usable_rows('invoices') }}
