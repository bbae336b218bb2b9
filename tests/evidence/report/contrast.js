// Contrast of every piece of text with what lies behind it, rectangles of pictures included.
(() => {
  const parse = c => {
    const m = c.match(/[\d.]+/g).map(Number);
    return m.length < 4 ? [...m, 1] : m;
  };
  const over = (a, b) => a.slice(0, 3).map((v, i) => v * a[3] + b[i] * (1 - a[3])).concat(1);
  const light = c => {
    const f = c.slice(0, 3).map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * f[0] + .7152 * f[1] + .0722 * f[2];
  };
  const ratio = (a, b) => {
    const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
    return (x + .05) / (y + .05);
  };
  const behind = e => {
    const stack = [];
    for (let n = e; n; n = n.parentElement) stack.push(parse(getComputedStyle(n).backgroundColor));
    return stack.reverse().reduce((under, c) => over(c, under), [255, 255, 255, 1]);
  };
  const found = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || e.closest('title, desc, .skip') || !e.getClientRects().length) continue;
    const style = getComputedStyle(e), svg = e.closest('svg');
    let under = behind(svg || e);
    if (svg) {
      const box = e.getBoundingClientRect(), x = box.x + box.width / 2, y = box.y + box.height / 2;
      for (const r of svg.querySelectorAll('rect')) {
        const b = r.getBoundingClientRect(), s = getComputedStyle(r);
        const inside = b.x <= x && x <= b.right && b.y <= y && y <= b.bottom;
        if (s.fill !== 'none' && inside) under = over([...parse(s.fill).slice(0, 3), Number(s.fillOpacity)], under);
      }
    }
    const colour = over(parse(svg ? style.fill : style.color), under);
    found.push([ratio(colour, under), e.tagName, e.textContent.trim().slice(0, 40)]);
  }
  return found;
})()
