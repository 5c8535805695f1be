/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
document.title = 'flow-sentinel report';
