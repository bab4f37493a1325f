{{ config(materialized='table', pre_hook="{{ segmentation.check_input_columns('experiment_assignments') }}") }}

{{ segmentation.checked_input('experiment_assignments') }}
