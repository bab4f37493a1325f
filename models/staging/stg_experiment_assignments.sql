{{ segmentation.usable_rows('experiment_assignments') }}
