"""The style sheet of the HTML report: light and dark, narrow and wide."""

STYLE_SHEET = """
:root{--ground:#fdfdfb;--card:#fff;--text:#1d2126;--soft:#5c6570;--line:#dcdfe3;
--bad:#b3261e;--badground:#fdecea;
--good:#1b6e3c;--goodground:#e8f5ec;--warn:#7a4b00;--warnground:#fff4dc;--change:#2457a6;--window:#f2f4f7}
@media (prefers-color-scheme:dark){:root{--ground:#15181c;--card:#1d2126;--text:#e4e7ea;--soft:#9aa4af;
--line:#363c44;--bad:#ff9d94;--badground:#3c1f1d;
--good:#83d6a0;--goodground:#173323;--warn:#f3c46b;--warnground:#38290f;--change:#8ab4f8;--window:#252b33}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:60rem;margin:0 auto;padding:1.25rem}
h1{font-size:1.35rem;line-height:1.3;margin:.25rem 0 1rem}
h1.clear,h1.likely{border-left:5px solid var(--bad);padding-left:.75rem}
h1.open,h1.nothing{border-left:5px solid var(--warn);padding-left:.75rem}
.support{color:var(--soft);margin:.25rem 0}
.trigger{color:var(--warn)}
h2{font-size:1.05rem;margin:2rem 0 .5rem}
h3{font-size:1rem;font-weight:600;margin:0}
p{margin:.15rem 0}
h1,h2,h3,p,dd,.pieces td,.timeline td,li,summary{overflow-wrap:anywhere;unicode-bidi:isolate}
td,th{overflow-wrap:break-word;unicode-bidi:isolate}
code,.values{font:.875em/1.45 ui-monospace,SFMono-Regular,Consolas,monospace;overflow-wrap:anywhere;unicode-bidi:isolate}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:0 0 1rem}
dt,.when,.score,footer{color:var(--soft)}
.when,.score,footer{font-size:.875rem;font-weight:400}
dd{margin:0}
.warning{background:var(--warnground);color:var(--warn);border-left:4px solid;padding:.5rem .75rem;margin:.5rem 0}
.axis{border:1px solid var(--line);border-radius:6px;background:var(--card);padding:.5rem;margin:1rem 0}
figcaption{color:var(--soft);font-size:.8125rem;margin:.25rem .25rem 0}
svg{display:block;width:100%;height:auto;font-size:13px;fill:var(--text)}
svg.narrow{display:none}
svg text.lane,svg text.tick{fill:var(--soft)}
svg .rail,svg line.tick{stroke:var(--line)}
svg rect.window{fill:var(--window)}
svg .rank{font-size:12px;font-weight:700;paint-order:stroke;stroke:var(--card);stroke-width:3px}
svg .unlogged path{fill:var(--bad)}
svg .unlogged line{stroke:var(--bad);stroke-width:3;opacity:.5}
svg .explained circle,svg .explained path{fill:var(--card);stroke:var(--good);stroke-width:2}
svg rect.made{fill:var(--change)}
svg rect.planned{fill:none;stroke:var(--change);stroke-dasharray:3 2;opacity:.75}
svg .good line,svg .onset line,svg .edge line{stroke-width:2;stroke:var(--soft)}
svg .good line{stroke:var(--good)}
svg .good text{fill:var(--good);font-weight:600}
svg .onset line{stroke:var(--bad);stroke-dasharray:5 3}
svg .onset text{fill:var(--bad);font-weight:600}
ol{list-style:none;padding:0;margin:0}
ol>li{background:var(--card);border:1px solid var(--line);border-left:4px solid var(--change);border-radius:6px;padding:.75rem 1rem;margin:.6rem 0}
ol>li.unlogged{border-left-color:var(--bad)}
.rank{color:var(--soft);margin-right:.35rem}
.badge{display:inline-block;font-size:.8rem;font-weight:600;border-radius:4px;padding:0 .4rem;
background:var(--goodground);color:var(--good);max-width:100%}
.badge.unlogged{background:var(--badground);color:var(--bad)}
.badge.unusual{background:var(--warnground);color:var(--warn)}
.piece{margin:.5rem 0}
.values{border-radius:4px;overflow:hidden;max-width:44rem}
del,ins{display:block;text-decoration:none;padding:.1rem .5rem .1rem 1.6rem;text-indent:-1.1rem;white-space:pre-wrap}
del{background:var(--badground);color:var(--bad)}
ins{background:var(--goodground);color:var(--good)}
.sign{display:inline-block;width:1.1rem;text-indent:0}
ul{padding-left:1.2rem;margin:.4rem 0}
.warning ul{margin:.15rem 0}
.command code{display:block;background:var(--window);border-radius:4px;padding:.25rem .6rem;margin:.3rem 0;max-width:44rem}
.sum{width:auto}
.sum td,.sum th{padding:.2rem 1.25rem .2rem 0;text-align:right;font-variant-numeric:tabular-nums}
.sum th:first-child{text-align:left;font-weight:400}
.sum tfoot th,.sum tfoot td{font-weight:700;border-top:2px solid var(--soft)}
.hints li{margin:.35rem 0}
summary{cursor:pointer}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9375rem;margin-top:.5rem}
th,td{text-align:left;vertical-align:top;padding:.5rem .75rem .5rem 0;border-top:1px solid var(--line)}
th{font-weight:600;color:var(--soft)}
td:first-child,.sum td,.sum th{white-space:nowrap}
.pieces td:first-child{width:55%;white-space:normal}
footer{margin-top:2rem;border-top:1px solid var(--line);padding-top:.5rem}
@media (max-width:36rem){main{padding:.75rem}dl{grid-template-columns:1fr;gap:0}dd{margin:0 0 .4rem}
svg.wide{display:none}svg.narrow{display:block}td:first-child{white-space:normal}
.pieces,.pieces tbody,.pieces tr,.pieces td,.timeline,.timeline tbody,.timeline tr,.timeline td{display:block;width:100%}
.pieces thead,.timeline thead,.timeline td:empty{display:none}.pieces td,.timeline td{border:0;padding:.1rem 0}
.timeline td:first-child{font-weight:600}.timeline td+td+td{color:var(--soft)}
.pieces tr,.timeline tr{border-top:1px solid var(--line);padding:.5rem 0}
.sum{font-size:.8125rem}.sum td,.sum th{padding-right:.4rem}.sum th:first-child{white-space:normal;overflow-wrap:anywhere}
.sum td:last-child,.sum th:last-child{padding:.2rem 0}}
@media print{:root{--ground:#fff;--card:#fff;--text:#000;--soft:#444;--line:#bbb;--bad:#9b1c14;--badground:#fff;
--good:#14532d;--goodground:#fff;--warn:#5c3900;--warnground:#fff;--change:#1b4383;--window:#f0f0f0}
main{max-width:none;padding:0}ol>li,.axis,.pieces tr{break-inside:avoid}h2{break-after:avoid}
svg.wide{display:block}svg.narrow{display:none}}
"""
