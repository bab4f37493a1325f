{{ segmentation.usable_rows('survey_responses') }}
