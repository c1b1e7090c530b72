// SPDX-License-Identifier: Apache-2.0

/// The page's style sheet.
enum ReportStyle {
  static let text = #"""
    :root {
      color-scheme: light;
      --page: #f4f3f0; --card: #ffffff; --ink: #1d1c1a; --muted: #6b6862; --line: #e0ddd6; --well: #eceae5;
      --accent: #b4451f; --accent-soft: #f6e3da; --shadow: 0 1px 2px #0000000d, 0 8px 24px #0000000a;
    }
    :root[data-theme=dark] {
      color-scheme: dark;
      --page: #161513; --card: #1f1e1b; --ink: #efede8; --muted: #a09b92; --line: #35322d; --well: #292723;
      --accent: #f0875c; --accent-soft: #3d2a21; --shadow: 0 1px 2px #0006, 0 8px 24px #0004;
    }
    * { box-sizing: border-box; }
    body {
      margin: 0; background: var(--page); color: var(--ink);
      font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
    }
    h1, h2, p, ol { margin: 0; padding: 0; }
    h1 { font-size: 20px; font-weight: 650; letter-spacing: -.01em; overflow-wrap: anywhere; }
    h2 { font-size: 12px; font-weight: 650; letter-spacing: .06em; text-transform: uppercase; color: var(--muted); }
    code { font: .92em ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
    .muted { color: var(--muted); font-size: 13px; }
    .small { font-size: 12px; }
    [hidden] { display: none !important; }
    :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }

    .bar {
      display: flex; align-items: center; gap: 20px; padding: 10px 24px; min-height: 56px;
      border-bottom: 1px solid var(--line); background: var(--card);
    }
    .brand { font-weight: 700; letter-spacing: -.02em; font-size: 17px; display: flex; align-items: center; gap: 8px; white-space: nowrap; }
    .brand span:last-child { font-weight: 400; color: var(--muted); }
    .mark { display: grid; grid-template-columns: 9px 6px; gap: 2px; }
    .mark i { height: 6px; border-radius: 1.5px; background: var(--accent); }
    .mark i:nth-child(2) { opacity: .45; }
    .mark i:nth-child(3) { opacity: .7; }
    .mark i:nth-child(4) { opacity: .25; }
    .images { display: flex; gap: 8px; overflow-x: auto; padding: 3px; flex: 1; }
    .images button { padding: 0; border: 2px solid transparent; border-radius: 8px; line-height: 0; background: none; opacity: .65; }
    .images button[aria-current=true] { border-color: var(--accent); opacity: 1; }
    .images img { height: 36px; min-width: 36px; border-radius: 5px; }
    button, select, input { font: inherit; color: inherit; }
    button { cursor: pointer; border: 1px solid var(--line); border-radius: 8px; background: var(--card); padding: 4px 10px; }
    button:hover { border-color: var(--muted); }
    .quiet { margin-left: auto; border: 0; background: none; font-size: 18px; color: var(--muted); }

    main { display: grid; grid-template-columns: minmax(0, 1fr) 320px; gap: 24px; max-width: 1440px; margin: 0 auto; padding: 24px; }
    .title { display: flex; justify-content: space-between; align-items: end; gap: 16px; margin-bottom: 14px; }
    .modes { display: flex; padding: 3px; gap: 2px; border-radius: 10px; background: var(--well); flex: none; }
    .modes button { border: 0; background: none; border-radius: 8px; padding: 5px 14px; color: var(--muted); }
    .modes button[aria-checked=true] { background: var(--card); color: var(--ink); box-shadow: 0 1px 3px #0002; font-weight: 600; }
    .frame { position: relative; border-radius: 12px; overflow: hidden; background: var(--well); box-shadow: var(--shadow); text-align: center; line-height: 0; }
    #canvas { width: 100%; max-height: 68vh; object-fit: contain; touch-action: none; cursor: crosshair; }
    #canvas:focus-visible { outline-offset: -2px; }
    .tip {
      position: absolute; pointer-events: none; padding: 6px 10px; border-radius: 8px; line-height: 1.35; text-align: left;
      font-size: 12.5px; background: #151412ee; color: #f5f3ee; white-space: nowrap;
    }
    .tip b { font-size: 13.5px; }
    .below { display: flex; align-items: center; gap: 18px; min-height: 44px; font-size: 13px; color: var(--muted); }
    .below #readout { flex: 1; }
    .below label { display: flex; align-items: center; gap: 8px; white-space: nowrap; }
    .below input[type=range] { width: 110px; }
    select { border: 1px solid var(--line); border-radius: 8px; background: var(--card); padding: 3px 6px; }
    .card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 16px; box-shadow: var(--shadow); }
    input[type=range] { accent-color: var(--accent); }

    .tau { display: flex; align-items: center; gap: 20px; padding: 12px 18px; }
    .number { display: flex; align-items: center; gap: 8px; }
    .number label { font: italic 600 24px/1 Georgia, "Times New Roman", "DejaVu Serif", serif; }
    .number input { width: 92px; padding: 5px 8px; border: 1px solid var(--line); border-radius: 8px; background: var(--page); font-variant-numeric: tabular-nums; }
    .track { flex: 1; min-width: 120px; }
    .track input { width: 100%; margin: 0; display: block; }
    #ticks { width: 100%; height: 10px; display: block; margin-top: 3px; }
    .steps { display: flex; align-items: center; gap: 6px; }
    .steps button { width: 30px; height: 30px; padding: 0; font-size: 17px; line-height: 1; }
    .steps output { min-width: 92px; text-align: center; font-variant-numeric: tabular-nums; font-weight: 600; }

    aside { display: flex; flex-direction: column; gap: 16px; min-width: 0; }
    .list { padding-bottom: 8px; }
    .columns, #segments button { display: grid; grid-template-columns: 64px 1fr 1fr; align-items: center; text-align: right; }
    .columns { padding: 10px 8px 4px; font-size: 12px; }
    .columns span:first-child { text-align: left; }
    #segments { list-style: none; max-height: 48vh; overflow-y: auto; margin: 0 -8px; }
    #segments button { width: 100%; border: 0; border-radius: 8px; padding: 5px 16px; background: none; font-variant-numeric: tabular-nums; font-size: 13.5px; }
    #segments button:hover, #segments button.on { background: var(--accent-soft); }
    #segments .id { display: flex; align-items: center; gap: 10px; font-weight: 600; }
    #segments .swatch { width: 14px; height: 14px; border-radius: 4px; box-shadow: inset 0 0 0 1px #0002; }
    .thumbs { display: grid; grid-template-columns: 1fr 1fr; gap: 10px; margin-top: 12px; }
    .thumbs button { padding: 0; overflow: hidden; text-align: left; font-size: 12px; line-height: 1; color: var(--muted); }
    .thumbs button[aria-pressed=true] { border-color: var(--accent); box-shadow: 0 0 0 1px var(--accent); color: var(--ink); }
    .thumbs canvas { display: block; width: 100%; }
    .thumbs span { display: block; padding: 7px 9px; font-variant-numeric: tabular-nums; }
    @media (max-width: 900px) {
      main { grid-template-columns: minmax(0, 1fr); padding: 14px; }
      .title, .below { flex-wrap: wrap; }
      .tau { flex-wrap: wrap; }
      .track { order: 3; flex-basis: 100%; }
    }
    """#
}
