-- A table: the one input that is read often enough for its parsing to matter.
{{ config(materialized='table') }}

{{ segmentation.usable_rows('events') }}
