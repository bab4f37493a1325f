-- A label stands for one segment on one side: a Sankey diagram merges nodes of one name.
with
nodes as (
    select
        from_label as node_label,
        from_segment || ' (from)' as node
    from {{ ref('segment_transitions') }}
    union
    select
        to_label as node_label,
        to_segment || ' (to)' as node
    from {{ ref('segment_transitions') }}
),

failures as (
    select
        'segment_transitions: the label ' || node_label || ' stands for ' || min(node) || ' and ' || max(node)
        || '. Give the segments of the lifecycle different labels.' as message
    from nodes
    group by node_label
    having count(*) > 1
)

select * from failures
