-- Who each assignment belongs to. A view: the marts read it once each.
{{ config(materialized='view') }}

{{ segmentation.rows_of_users('experiment_assignments', 'assigned_at') }}
