{{ config(materialized='table', pre_hook="{{ segmentation.check_input_columns('attribute_history') }}") }}

{{ segmentation.checked_input('attribute_history', reasons=segmentation.attribute_reasons()) }}
