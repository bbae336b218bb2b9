// Texts of one picture that cover each other.
(() => {
  const found = [];
  for (const svg of document.querySelectorAll('svg.picture')) {
    const texts = [...svg.querySelectorAll('text:not(.region)')].map(t => [t.getBoundingClientRect(), t.textContent]);
    for (let i = 0; i < texts.length; i++) for (let j = 0; j < i; j++) {
      const [a, b] = [texts[i][0], texts[j][0]];
      const wide = Math.min(a.right, b.right) - Math.max(a.x, b.x), tall = Math.min(a.bottom, b.bottom) - Math.max(a.y, b.y);
      if (wide > 1 && tall > .45 * Math.min(a.height, b.height)) found.push([texts[i][1], texts[j][1]]);
    }
  }
  return found;
})()
