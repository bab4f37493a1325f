// Puts the rows that the selectors ask for into the charts and tables. It computes nothing: every number comes from the page's data.
(() => {
  'use strict';
  const read = id => JSON.parse(document.getElementById(id).textContent);
  const data = read('report-data'), specs = read('report-specs');
  const byId = id => document.getElementById(id);
  const unpack = table => table.rows.map(row => Object.fromEntries(table.columns.map((name, at) => [name, row[at]])));
  const label = Object.fromEntries(data.segments.map(segment => [segment.id, segment.label]));
  Object.assign(label, data.special);
  const order = Object.fromEntries(data.segments.map((segment, at) => [segment.id, at]));
  const primary = data.segments.filter(segment => segment.tier === 'Lifecycle').map(segment => segment.id);

  // --- Text ----------------------------------------------------------------------------------------------------------
  const isNumber = value => typeof value === 'number';
  const drawable = value => isNumber(value) ? value : null;
  const missing = value => value === 'w' ? 'withheld' : '–';
  const count = value => isNumber(value) ? value.toLocaleString('en-US') : missing(value);
  const percent = value => isNumber(value) ? (value * 100).toLocaleString('en-US', {minimumFractionDigits: 1, maximumFractionDigits: 1}) + '\u202f%' : missing(value);
  const times = value => isNumber(value) ? value.toLocaleString('en-US', {minimumFractionDigits: 2, maximumFractionDigits: 2}) + '\u202f×' : missing(value);
  const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
  const day = iso => `${Number(iso.slice(8))} ${months[Number(iso.slice(5, 7)) - 1]} ${iso.slice(0, 4)}`;

  // --- Page ----------------------------------------------------------------------------------------------------------
  const element = (tag, text, attributes = {}) => {
    const made = document.createElement(tag);
    if (text !== undefined && text !== null) made.textContent = text;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };
  const replace = (id, ...children) => byId(id).replaceChildren(...children);

  // columns: [header, function of the row, kind] with kind '', 'number' or 'prose'. The first column heads its row.
  const fill = (id, title, columns, rows) => {
    const place = byId(id);
    const table = element('table'), head = element('tr'), body = element('tbody'), top = element('thead');
    table.append(element('caption', title, {class: 'hidden'}));
    for (const [name, , kind] of columns) head.append(element('th', name, {scope: 'col', class: kind || ''}));
    for (const row of rows) {
      const line = element('tr');
      columns.forEach(([, text, kind], at) => {
        const said = text(row);
        line.append(at ? element('td', said, {class: (kind || '') + (said === 'withheld' ? ' withheld' : '')}) : element('th', said, {scope: 'row'}));
      });
      body.append(line);
    }
    top.append(head);
    table.append(top, body);
    place.replaceChildren(table);
    place.setAttribute('role', 'region');
    place.setAttribute('aria-label', title);
    place.tabIndex = 0;
  };

  // --- Charts --------------------------------------------------------------------------------------------------------
  const views = {};
  const queue = {};
  const draw = (id, name, rows, description, parameters = {}) => {
    const place = byId(id);
    const describe = () => { place.setAttribute('role', 'img'); place.setAttribute('aria-label', description); place.removeAttribute('aria-roledescription'); };
    const spec = structuredClone(specs[name]);
    const width = place.clientWidth || 600;
    spec.datasets = {rows};
    spec.description = description;
    spec.config.axisY.labelLimit = Math.min(230, Math.round(width * 0.44));
    if (width < 480) spec.config.axisY.labelFontSize = 11;
    spec.config.legend.columns = width < 480 ? 2 : width < 700 ? 3 : 6;
    if (spec.height.step) spec.height = spec.height.step * Math.max(1, new Set(rows.map(row => row.from ?? row.label)).size);
    for (const parameter of spec.params || []) if (parameter.name in parameters) parameter.value = parameters[parameter.name];
    const turn = queue[id] = (queue[id] || 0) + 1;
    describe();
    if (!rows.length) {
      if (views[id]) views[id].finalize();
      delete views[id];
      place.replaceChildren(element('p', 'Nothing to draw.', {class: 'empty'}));
      place.dataset.drawn = String(turn);
      return;
    }
    vegaEmbed(place, spec, {actions: false, renderer: 'svg', ast: true, tooltip: {theme: 'light'}}).then(result => {
      if (turn !== queue[id]) { result.finalize(); return; }
      if (views[id]) views[id].finalize();
      views[id] = result;
      place.dataset.drawn = String(turn);
      describe();
      place.querySelectorAll('svg').forEach(svg => { svg.setAttribute('aria-hidden', 'true'); svg.removeAttribute('role'); });
    });
  };
  const announce = text => { byId('announcement').textContent = text; };
  const updates = [];
  // Runs once now, and again whenever one of the controls changes or the page gets narrow or wide.
  const section = (controls, update) => {
    const places = controls.flatMap(name => name.startsWith('[') ? [...document.querySelectorAll(name)] : [byId(name)]);
    if (!places.length || places.includes(null)) return;
    places.forEach(place => place.addEventListener('change', () => { announce(update() || ''); }));
    updates.push(update);
  };

  // --- Sizes ---------------------------------------------------------------------------------------------------------
  section(['[name=sizes-mode]'], () => {
    const mode = document.querySelector('[name=sizes-mode]:checked').value;
    const {dates, provisional, users, share} = data.sizes;
    // A stack without one of its parts would be wrong: dates on which one is withheld are left blank.
    const whole = dates.map((_, place) => primary.every(segment => isNumber(users[segment][place])));
    byId('sizes-gap').textContent = whole.every(Boolean) ? '' : `${whole.filter(one => !one).length} of ${dates.length} dates are left blank: a count is withheld there.`;
    const rows = primary.flatMap((segment, at) => dates.map((date, place) => ({
      date, day: day(date) + (provisional[place] ? ', provisional' : ''), label: label[segment], order: -at,
      users: whole[place] ? drawable(mode === 'users' ? users[segment][place] : share[segment][place]) : null,
      text: mode === 'users' ? count(users[segment][place]) : percent(share[segment][place]),
    })));
    const now = primary.map(segment => `${label[segment]} ${count(users[segment].at(-1))}`).join(', ');
    draw('sizes-chart', mode === 'users' ? 'together' : 'shares', rows, `Lifecycle segments from ${day(dates[0])} to ${day(dates.at(-1))}, now: ${now}.`);
    fill('sizes-numbers', 'Lifecycle segments over time', [
      ['Date', row => day(dates[row]) + (provisional[row] ? ' (provisional)' : '')],
      ...primary.map(segment => [label[segment], row => mode === 'users' ? count(users[segment][row]) : percent(share[segment][row]), 'number']),
    ], dates.map((_, at) => dates.length - 1 - at));
    return 'Lifecycle segments are shown as ' + (mode === 'users' ? 'users' : 'shares of all users');
  });

  // --- Differences ---------------------------------------------------------------------------------------------------
  const comparisons = unpack(data.comparisons.rows);
  const metrics = Object.fromEntries(data.comparisons.metrics.map(metric => [metric.id, metric]));
  const byValue = (one, other) => (other.value ?? -1e9) - (one.value ?? -1e9) || one.label.localeCompare(other.label);
  const comparisonColumns = first => [
    [first, row => row.label], ['Difference', row => row.effect, 'number'], ['95\u202f% interval', row => row.interval, 'number'],
    ['Segment', row => row.mean, 'number'], ['Everybody else', row => row.rest, 'number'], ['Users', row => row.n, 'number'],
    ['q', row => row.q, 'number'], ['Note', row => row.note, 'prose'],
  ];
  const drawn = rows => rows.filter(row => row.state !== 'definition' && row.value !== null);
  const notDrawn = rows => {
    const circular = rows.filter(row => row.state === 'definition').map(row => row.label);
    return circular.length ? `Not drawn, since the segment is defined by this or a related metric: ${circular.join(', ')}.` : '';
  };
  const told = rows => {
    const sure = rows.filter(row => row.state !== 'none');
    return sure.length ? `${sure.length} of ${rows.length} differ by more than chance: ` + sure.map(row => `${row.label} ${row.effect}`).join(', ') + '.'
      : `None of ${rows.length} can be told from chance.`;
  };
  const byMetric = segment => comparisons.filter(row => row.segment === segment).map(row => ({...row, label: metrics[row.metric].label}))
    .sort((one, other) => data.comparisons.metrics.indexOf(metrics[one.metric]) - data.comparisons.metrics.indexOf(metrics[other.metric]));
  const scaleOf = place => ({low: place.low, high: place.high, ticks: place.ticks});

  section(['lift-metric', 'lift-segments'], () => {
    const metric = metrics[byId('lift-metric').value], chosen = byId('lift-segments').value;
    const single = chosen.startsWith('segment:') ? chosen.slice(8) : null;
    byId('lift-metric').disabled = single !== null;
    if (single !== null) {
      const all = byMetric(single), rows = all.filter(row => metrics[row.metric].isLift);
      const title = `${label[single]}: all metrics`;
      byId('lift-heading').textContent = title;
      byId('lift-axis').textContent = 'Lift: how much more or less than everybody else';
      byId('lift-note').textContent = ['Scores such as NPS have no lift; their differences stand in the table.', notDrawn(rows)].join(' ');
      draw('lift-chart', 'lifts', drawn(rows), `${title}. ${told(drawn(rows))}`, scaleOf(data.comparisons.bySegment[single]));
      fill('lift-numbers', title, comparisonColumns('Metric'), all);
      return title;
    }
    const members = new Set(data.segments.filter(segment => chosen === 'all' || segment.tier === chosen || segment.type === chosen).map(segment => segment.id));
    const rows = comparisons.filter(row => row.metric === metric.id && members.has(row.segment)).map(row => ({...row, label: label[row.segment]})).sort(byValue);
    byId('lift-heading').textContent = metric.label;
    byId('lift-axis').textContent = metric.axis;
    byId('lift-note').textContent = [
      metric.description, metric.better,
      metric.isAccount ? 'Users of one account share this value, so intervals are at best as narrow as shown.' : '', notDrawn(rows),
    ].join(' ');
    draw('lift-chart', metric.isLift ? 'lifts' : 'differences', drawn(rows), `${metric.label}, each segment against everybody else. ${told(drawn(rows))}`, scaleOf(metric));
    fill('lift-numbers', `${metric.label} by segment`, comparisonColumns('Segment'), rows);
    return `${metric.label}: ${rows.length} segments`;
  });

  // --- One segment ---------------------------------------------------------------------------------------------------
  const overlaps = data.overlap ? unpack(data.overlap) : [];
  const tile = (name, value, note) => {
    const box = element('div');
    box.append(element('dt', name), element('dd', value, {class: 'value'}), element('dd', note || '', {class: 'note'}));
    return box;
  };
  section(['segment-select'], () => {
    const id = byId('segment-select').value, segment = data.segments[order[id]];
    const {dates, provisional, users, share, entered, left} = data.sizes;
    const series = users[id];
    byId('segment-name').textContent = segment.label;
    const tiles = [tile('Users', count(series.at(-1)), `on ${day(dates.at(-1))}`), tile('Share of users', percent(share[id].at(-1)))];
    if (segment.revenue) tiles.push(tile('Share of revenue', segment.revenue, 'of 91 days'));
    if (segment.score) tiles.push(tile('Score', segment.score, `of 100, ${segment.grade}`));
    replace('segment-tiles', ...tiles);
    const facts = [['Type', `${segment.type}, ${segment.tier.toLowerCase()}`], ['Owner', segment.owner], ['Goal', segment.goal], ['Action', segment.action], ['Reviewed', segment.reviewed]];
    if (segment.score) facts.push(['Score says', segment.reasons.length ? segment.reasons.join('; ') : 'nothing to improve']);
    if (segment.similar) facts.push(['Most like', segment.similar]);
    replace('segment-facts', ...facts.flatMap(([name, text]) => [element('dt', name), element('dd', text || '–')]));
    const criteria = (data.attrition || {})[id] || [];
    replace('segment-criteria', ...(criteria.length ? criteria : [{name: 'As the SQL says', words: ''}]).map(criterion => {
      const line = element('li');
      line.append(element('strong', criterion.name), criterion.words ? `: ${criterion.words}` : '');
      return line;
    }));
    byId('segment-sql').textContent = segment.sql;

    draw('segment-users', 'line', dates.map((date, at) => ({
      date, day: day(date) + (provisional[at] ? ', provisional' : ''), users: drawable(series[at]), text: count(series[at]), provisional: provisional[at],
    })), `${segment.label}: ${count(series[0])} users on ${day(dates[0])}, ${count(series.at(-1))} on ${day(dates.at(-1))}.`);
    const periods = dates.map((_, at) => at).filter(at => at > 0 && !provisional[at]);
    draw('segment-moves', 'moves', periods.flatMap(at => [['Entered', entered, 1], ['Left', left, -1]].map(([said, values, sign], rank) => ({
      start: dates[at - 1], date: dates[at], day: day(dates[at]), label: said, order: rank, value: isNumber(values[id][at]) ? sign * values[id][at] : null,
      text: count(values[id][at]),
    }))), `${segment.label}: users who entered and left in each period` + (periods.length ? `; in the last one ${count(entered[id][periods.at(-1)])} and ${count(left[id][periods.at(-1)])}.` : '.'));
    fill('segment-moves-numbers', `${segment.label} over time`, [
      ['Date', at => day(dates[at]) + (provisional[at] ? ' (provisional)' : '')], ['Users', at => count(series[at]), 'number'],
      ['Entered', at => count(entered[id][at]), 'number'], ['Left', at => count(left[id][at]), 'number'],
    ], dates.map((_, at) => dates.length - 1 - at));

    const differences = byMetric(id), lifts = differences.filter(row => metrics[row.metric].isLift);
    byId('segment-lift-note').textContent = notDrawn(lifts);
    draw('segment-lift', 'lifts', drawn(lifts), `${segment.label} against everybody else. ${told(drawn(lifts))}`, scaleOf(data.comparisons.bySegment[id] || {low: .5, high: 2, ticks: [1]}));
    fill('segment-lift-numbers', `${segment.label} against everybody else`, comparisonColumns('Metric'), differences);

    if (data.profiles) {
      const rows = data.profiles[id] ? unpack(data.profiles[id]) : [];
      byId('segment-profile-empty').hidden = rows.length > 0;
      byId('segment-profile').hidden = rows.length === 0;
      if (rows.length) draw('segment-profile', 'profile', rows, `${segment.label}: ` + rows.map(row => `${row.label} ${row.shareText} against ${row.restText}`).join('; ') + '.');
      fill('segment-profile-numbers', `Profile of ${segment.label}`, [
        ['Attribute', row => row.label], ['Segment', row => row.shareText, 'number'], ['Everybody else', row => row.restText, 'number'],
        ['Difference', row => row.difference, 'number'], ['95\u202f% interval', row => row.interval, 'number'], ['q', row => row.q, 'number'],
      ], rows);
    }
    if (data.attrition) {
      const base = criteria.length ? criteria[0].base : null;
      const steps = [{label: 'All users', users: base}, ...criteria.map(criterion => ({label: criterion.name, users: criterion.after}))];
      draw('segment-attrition', 'attrition', steps.map(step => ({label: step.label, users: drawable(step.users), text: count(step.users)})),
        `${segment.label}: ` + steps.map(step => `${step.label} ${count(step.users)}`).join(', ') + '.', {most: (drawable(base) || 1) * 1.2});
      fill('segment-attrition-numbers', `Criteria of ${segment.label}`, [
        ['Criterion', row => row.name], ['Users left', row => count(row.after), 'number'], ['Removed by it alone', row => count(row.removed), 'number'],
        ['Miss only this', row => count(row.near), 'number'],
      ], criteria);
    }
    if (data.overlap) {
      const pairs = overlaps.filter(row => row.segment === id && isNumber(row.both) && row.both > 0).sort((one, other) => other.containment - one.containment || order[one.other] - order[other.other]).slice(0, 8);
      fill('segment-overlap', `Segments that users of ${segment.label} are also in`, [
        ['Segment', row => label[row.other]], ['Users in both', row => count(row.both), 'number'], [`Share of ${segment.label}`, row => percent(row.containment), 'number'],
        ['Against chance', row => times(row.lift), 'number'],
      ], pairs);
    }
    return segment.label;
  });
  document.addEventListener('click', event => {
    const link = event.target.closest('a[data-segment]');
    if (!link) return;
    byId('segment-select').value = link.dataset.segment;
    byId('segment-select').dispatchEvent(new Event('change'));
  });

  // --- Transitions ---------------------------------------------------------------------------------------------------
  const moves = data.transitions ? unpack(data.transitions.rows) : [];
  section(['transitions-period'], () => {
    const date = byId('transitions-period').value, period = data.transitions.periods.find(one => one.date === date);
    const befores = [...primary, '__new__'], afters = [...primary, '__gone__'];
    const found = Object.fromEntries(moves.filter(row => row.date === date).map(row => [`${row.from}>${row.to}`, row]));
    const rows = befores.flatMap(from => afters.map(to => {
      const row = found[`${from}>${to}`];
      return {from: label[from], to: label[to], share: row ? drawable(row.share) : 0, users: row ? row.users : 0, direction: row ? row.direction : null,
        text: row ? count(row.users) : '', shareText: row ? percent(row.share) : '–'};
    }));
    const title = `From ${day(period.from)} to ${day(date)}` + (period.provisional ? ' (provisional: the period is not over)' : '');
    byId('transitions-heading').textContent = title;
    byId('transitions-chart').style.minWidth = `${110 + afters.length * 62}px`;
    const large = rows.filter(row => isNumber(row.users) && row.from !== row.to).sort((one, other) => other.users - one.users).slice(0, 4);
    draw('transitions-chart', 'transitions', rows, `${title}. Largest moves: ` + large.map(row => `${row.from} to ${row.to} ${row.text}`).join(', ') + '.');
    const words = {up: 'up', down: 'down', same: 'stayed', new: 'new', gone: 'gone'};
    fill('transitions-numbers', title, [
      ['From', row => row.from], ['To', row => row.to], ['Users', row => row.text, 'number'], ['Share of those before', row => row.shareText, 'number'], ['Direction', row => words[row.direction] || '–'],
    ], rows.filter(row => row.text !== ''));
    return title;
  });

  // --- Overlap -------------------------------------------------------------------------------------------------------
  section(['overlap-measure'], () => {
    const measure = byId('overlap-measure').value;
    const ids = data.segments.map(segment => segment.id);
    const found = Object.fromEntries(overlaps.map(row => [`${row.segment}>${row.other}`, row]));
    const rows = ids.flatMap(segment => ids.map(other => {
      const row = found[`${segment}>${other}`];
      const value = segment === other ? 1 : row ? row[measure] : null;
      return {label: label[segment], other: label[other], value: isNumber(value) ? value * 100 : null, text: percent(value), both: row ? count(row.both) : '', same: segment === other};
    }));
    const pairs = overlaps.filter(row => isNumber(row[measure]) && (measure === 'containment' || order[row.segment] < order[row.other]))
      .sort((one, other) => other[measure] - one[measure] || order[one.segment] - order[other.segment] || order[one.other] - order[other.other]).slice(0, 20);
    const name = row => measure === 'jaccard' ? `${label[row.segment]} and ${label[row.other]}` : `${label[row.segment]} in ${label[row.other]}`;
    byId('overlap-chart').style.minWidth = `${200 + ids.length * 19}px`;
    byId('overlap-heading').textContent = measure === 'jaccard' ? 'How similar two segments are' : 'How much of one segment is in another';
    draw('overlap-chart', 'overlap', rows, `Overlap of ${ids.length} segments. Largest: ` + pairs.slice(0, 5).map(row => `${name(row)} ${percent(row[measure])}`).join(', ') + '.');
    fill('overlap-numbers', 'Overlap of segments', [
      ['Pair', name], ['Users in both', row => count(row.both), 'number'], ['Share of the first', row => percent(row.containment), 'number'], ['Jaccard', row => percent(row.jaccard), 'number'],
      ['Against chance', row => times(row.lift), 'number'],
    ], pairs);
    return byId('overlap-heading').textContent;
  });

  // --- Retention -----------------------------------------------------------------------------------------------------
  section(['retention-segment', 'retention-cohort', 'retention-kind'], () => {
    const id = byId('retention-segment').value, cohort = byId('retention-cohort').value, kind = byId('retention-kind').value;
    const curves = (data.retention.curves[id] || {})[kind] || {}, all = data.retention.curves.__all__[kind];
    const hasOther = id !== '__all__' && all[cohort];
    const points = (curve, date, role, rank) => curve.share.map((share, at) => ({
      period: at + 1, role, rank, cohort: day(date), share: isNumber(share) ? share * 100 : null, lower: isNumber(curve.lower[at]) ? curve.lower[at] * 100 : null,
      upper: isNumber(curve.upper[at]) ? curve.upper[at] * 100 : null, text: percent(share), n: count(curve.n),
      interval: isNumber(curve.lower[at]) ? `${percent(curve.lower[at])} to ${percent(curve.upper[at])}` : missing(curve.lower[at]),
    })).filter(row => row.share !== null);
    const rows = [];
    if (curves[cohort]) rows.push(...points(curves[cohort], cohort, `${label[id]}, members on ${day(cohort)}`, 0));
    if (hasOther) rows.push(...points(all[cohort], cohort, 'All users on that date', 1));
    for (const date of data.retention.cohorts) if (date !== cohort && curves[date]) rows.push(...points(curves[date], date, 'Other dates', 2));
    const own = rows.filter(row => row.rank === 0);
    const last = own.at(-1);
    byId('retention-heading').textContent = last ? `${last.text} of ${label[id]} came back in week ${last.period}` + (kind === 'unbounded' ? ' or later' : '')
      : `${label[id]}: nothing to show for ${day(cohort)}`;
    byId('retention-note').textContent = (curves[cohort] ? `${count(curves[cohort].n)} users. ` : '') +
      (own.length && own.length < 12 ? `The line ends at week ${own.length}: it is too early to say more. ` : '') +
      'A segment that is defined by activity was active to begin with: it does not keep people by itself.';
    const key = (colour, text) => { const line = element('li'); line.append(element('span', '', {class: `line ${colour}`}), text); return line; };
    replace('retention-legend', key('own', `${label[id]}, members on ${day(cohort)}, with interval`), ...(hasOther ? [key('all', 'All users on that date')] : []), key('other', `${label[id]} on other dates`));
    const highest = Math.max(10, ...rows.map(row => row.rank === 0 ? row.upper ?? row.share : row.share));
    draw('retention-chart', 'retention', rows, `Retention of ${label[id]}, members on ${day(cohort)}: ` + own.map(row => `week ${row.period} ${row.text}`).join(', ') + '.',
      {most: Math.min(100, Math.ceil(highest / 10) * 10), weeks: Math.max(2, ...rows.map(row => row.period))});
    fill('retention-numbers', `Retention of ${label[id]}`, [
      ['Week', at => String(at + 1)], ['Came back', at => percent(curves[cohort].share[at]), 'number'],
      ['95\u202f% interval', at => isNumber(curves[cohort].lower[at]) ? `${percent(curves[cohort].lower[at])} to ${percent(curves[cohort].upper[at])}` : curves[cohort].share[at] === null ? 'too early to say' : missing(curves[cohort].lower[at]), 'number'],
      ...(hasOther ? [['All users', at => percent(all[cohort].share[at]), 'number']] : []),
    ], curves[cohort] ? curves[cohort].share.map((_, at) => at) : []);
    return byId('retention-heading').textContent;
  });

  // --- Growth --------------------------------------------------------------------------------------------------------
  section(['growth-segment'], () => {
    const id = byId('growth-segment').value, {dates, provisional, segments} = data.growth, parts = segments[id];
    const kinds = [['new', 'New', 1], ['resurrected', 'Returned', 1], ['moved_in', 'Moved in', 1], ['churned', 'No longer active', -1], ['moved_out', 'Moved out', -1]]
      .filter(([name]) => id !== '__all__' || !name.startsWith('moved'));
    const places = dates.map((_, at) => at).filter(at => !provisional[at]);
    draw('growth-chart', id === '__all__' ? 'growth_all' : 'growth', places.filter(at => at > 0).flatMap(at => kinds.map(([name, said, sign], rank) => ({
      start: dates[at - 1], date: dates[at], day: day(dates[at]), label: said, order: rank, value: isNumber(parts[name][at]) ? sign * parts[name][at] : null, text: count(parts[name][at]),
    }))), `${label[id]}: active users gained and lost in each period.`);
    const at = places.at(-1);
    byId('growth-heading').textContent = at === undefined ? label[id] : `${label[id]}: ${count(parts.active[at])} active in the period to ${day(dates[at])}`;
    fill('growth-numbers', `Growth accounting of ${label[id]}`, [
      ['Period to', row => day(dates[row])], ['Active', row => count(parts.active[row]), 'number'], ...kinds.map(([name, said]) => [said, row => count(parts[name][row]), 'number']),
    ], [...places].reverse());
    return byId('growth-heading').textContent;
  });

  // --- Experiments ---------------------------------------------------------------------------------------------------
  const effects = data.experiments ? unpack(data.experiments.rows) : [];
  const listMetrics = experiment => {
    const select = byId('experiments-metric');
    if (select.dataset.experiment === experiment.id) return;
    select.dataset.experiment = experiment.id;
    select.replaceChildren(...experiment.metrics.map(metric => element('option', metric.label, {value: metric.id})));
  };
  section(['experiments-experiment', 'experiments-metric'], () => {
    const experiment = data.experiments.experiments.find(one => one.id === byId('experiments-experiment').value);
    listMetrics(experiment);
    const metric = experiment.metrics.find(one => one.id === byId('experiments-metric').value);
    const rows = effects.filter(row => row.experiment === experiment.id && row.metric === metric.id)
      .map(row => ({...row, label: label[row.segment] || row.segment}))
      .sort((one, other) => (order[one.segment] ?? -1) - (order[other.segment] ?? -1));
    byId('experiments-heading').textContent = `${experiment.label}, ${metric.label.toLowerCase()}`;
    byId('experiments-conclusion').textContent = metric.conclusion;
    byId('experiments-axis').textContent = `Effect, in ${metric.isShare ? 'percentage points' : metric.label.toLowerCase() + ' per user'}`;
    replace('experiments-warnings', ...experiment.warnings.map(text => element('li', text, {class: 'alert'})));
    draw('experiments-chart', 'differences', drawn(rows), `${experiment.label}, ${metric.label}. ${metric.conclusion} ${told(rows)}`, scaleOf(metric));
    fill('experiments-numbers', `${experiment.label}, ${metric.label}`, [
      ['Segment', row => row.label], ['Effect', row => row.effect, 'number'], ['95\u202f% interval', row => row.interval, 'number'], ['Variant', row => row.mean, 'number'],
      ['Control', row => row.rest, 'number'], ['Users', row => row.n, 'number'], ['q', row => row.q, 'number'], ['Differs from the others: q', row => row.other, 'number'], ['Note', row => row.note, 'prose'],
    ], rows);
    return metric.conclusion;
  });

  // --- Start ---------------------------------------------------------------------------------------------------------
  const links = [...document.querySelectorAll('nav a')];
  const seen = new IntersectionObserver(entries => entries.filter(entry => entry.isIntersecting).forEach(entry => links.forEach(link => {
    if (link.hash === `#${entry.target.id}`) link.setAttribute('aria-current', 'true'); else link.removeAttribute('aria-current');
  })), {rootMargin: '-20% 0px -70% 0px'});
  document.querySelectorAll('main > section').forEach(place => seen.observe(place));
  const everything = () => updates.forEach(update => update());
  for (const query of ['(max-width: 480px)', '(max-width: 760px)']) matchMedia(query).addEventListener('change', everything);
  everything();
})();
