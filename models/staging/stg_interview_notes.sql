{{ segmentation.usable_rows('interview_notes') }}
