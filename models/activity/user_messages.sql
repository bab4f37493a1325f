-- Who each campaign message was for. A view: what reads it needs few of its columns.
{{ config(materialized='view') }}

{{ segmentation.rows_of_users('campaign_messages', 'assigned_at') }}
