// What all sections share: the data of the page, texts, tables and charts. The parts of this folder are put together by page.py.
const read = id => JSON.parse(document.getElementById(id).textContent);
const data = read('report-data'),
  specs = read('report-specs');
const byId = id => document.getElementById(id);
const unpack = table => table.rows.map(row => Object.fromEntries(table.columns.map((name, at) => [name, row[at]])));
const label = Object.fromEntries(data.segments.map(segment => [segment.id, segment.label]));
Object.assign(label, data.special);
const order = Object.fromEntries(data.segments.map((segment, at) => [segment.id, at]));
const lifecycle = data.segments.filter(segment => segment.tier === 'Lifecycle').map(segment => segment.id);

// --- Text
const isNumber = value => typeof value === 'number';
const drawable = value => (isNumber(value) ? value : null);
const missing = value => (value === 'w' ? 'withheld' : '–');
const count = value => (isNumber(value) ? value.toLocaleString('en-US') : missing(value));
const percent = value =>
  isNumber(value)
    ? (value * 100).toLocaleString('en-US', {minimumFractionDigits: 1, maximumFractionDigits: 1}) + '\u202f%'
    : missing(value);
const times = value =>
  isNumber(value)
    ? value.toLocaleString('en-US', {minimumFractionDigits: 2, maximumFractionDigits: 2}) + '\u202f×'
    : missing(value);
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const day = iso => `${Number(iso.slice(8))} ${months[Number(iso.slice(5, 7)) - 1]} ${iso.slice(0, 4)}`;

// --- Elements and tables
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
  const table = element('table'),
    head = element('tr'),
    body = element('tbody'),
    top = element('thead');
  table.append(element('caption', title, {class: 'hidden'}));
  for (const [name, , kind] of columns) head.append(element('th', name, {scope: 'col', class: kind || ''}));
  for (const row of rows) {
    const line = element('tr');
    columns.forEach(([, text, kind], at) => {
      const said = text(row);
      line.append(
        at
          ? element('td', said, {class: (kind || '') + (said === 'withheld' ? ' withheld' : '')})
          : element('th', said, {scope: 'row'}),
      );
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

// --- Charts
const views = {};
const queue = {};
const overTime = ['together', 'shares', 'line', 'moves', 'growth', 'growth_all'];
const draw = (id, name, given, description, parameters = {}) => {
  // A chart over time of which all numbers are withheld has no axes.
  const rows = overTime.includes(name) && !given.some(row => isNumber(row.users ?? row.value)) ? [] : given;
  const place = byId(id);
  const describe = () => {
    place.setAttribute('role', 'img');
    place.setAttribute('aria-label', description);
    place.removeAttribute('aria-roledescription');
  };
  const spec = structuredClone(specs[name]);
  const width = Math.min(place.clientWidth || 600, window.innerWidth);
  spec.datasets = {rows};
  spec.description = description;
  spec.config.axisY.labelLimit = Math.min(230, Math.round(width * 0.44));
  if (width < 480) spec.config.axisY.labelFontSize = 11;
  spec.config.legend.columns = width < 480 ? 2 : width < 700 ? 3 : 6;
  if (spec.height.step) spec.height = spec.height.step * Math.max(1, new Set(rows.map(row => row.from ?? row.label)).size);
  for (const parameter of spec.params || []) if (parameter.name in parameters) parameter.value = parameters[parameter.name];
  const turn = (queue[id] = (queue[id] || 0) + 1);
  delete place.dataset.drawn;
  describe();
  if (!rows.length) {
    if (views[id]) views[id].finalize();
    delete views[id];
    place.replaceChildren(element('p', 'Nothing to draw.', {class: 'empty'}));
    place.dataset.drawn = String(turn);
    return;
  }
  vegaEmbed(place, spec, {actions: false, renderer: 'svg', ast: true, tooltip: {theme: 'light'}}).then(result => {
    if (turn !== queue[id]) {
      result.finalize();
      return;
    }
    if (views[id]) views[id].finalize();
    views[id] = result;
    place.dataset.drawn = String(turn);
    describe();
    place.querySelectorAll('svg').forEach(svg => {
      svg.setAttribute('aria-hidden', 'true');
      svg.removeAttribute('role');
    });
  });
};
const announce = text => {
  byId('announcement').textContent = text;
};
const updates = [];
// Runs once now, and again whenever one of the controls changes or the page gets narrow or wide.
const section = (controls, update) => {
  const places = controls.flatMap(name => (name.startsWith('[') ? [...document.querySelectorAll(name)] : [byId(name)]));
  if (!places.length || places.includes(null)) return;
  places.forEach(place =>
    place.addEventListener('change', () => {
      announce(update() || '');
    }),
  );
  updates.push(update);
};
