-- Who each assignment belongs to. A view: the marts read it once each.
{{ config(materialized='view') }}

with
assignments as (
    {{ segmentation.rows_of_users('experiment_assignments', 'assigned_at') }}
)

-- Experiments are read as of now: who was merged is in them as the survivor, once.
select {{ segmentation.all_but(['is_superseded']) }}
from assignments
where not is_superseded
