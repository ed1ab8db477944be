// A PDF as it is, page by page, with a quote marked. Loaded only when a PDF is opened.
import * as pdfjs from "pdfjs-dist";
import workerUrl from "pdfjs-dist/build/pdf.worker.min.mjs?url";
import { useEffect, useRef, useState } from "react";
import { open } from "../api/client";
import { t } from "../text";
import { locate } from "./locate";

pdfjs.GlobalWorkerOptions.workerSrc = workerUrl;

interface Props {
  id: string;
  page: number | undefined;
  quote: string | undefined;
  onFailed: () => void;
  /** Whether the quote was found on its page. */
  onMarked: (found: boolean) => void;
}

/** Pages around the visible one that are kept drawn. */
const MARGIN = "600px 0px";

export default function PdfPages({ id, page, quote, onFailed, onMarked }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const [file, setFile] = useState<pdfjs.PDFDocumentProxy>();
  useEffect(() => {
    const stop = new AbortController();
    let loading: pdfjs.PDFDocumentLoadingTask | undefined;
    (async () => {
      const response = await open("GET", `/v1/documents/${id}/original`, { signal: stop.signal });
      const data = new Uint8Array(await response.arrayBuffer());
      // The policy of the page allows no WebAssembly.
      loading = pdfjs.getDocument({ data, useWasm: false, verbosity: 0 });
      const loaded = await loading.promise;
      if (!stop.signal.aborted) setFile(loaded);
    })().catch(() => !stop.signal.aborted && onFailed());
    return () => {
      stop.abort();
      void loading?.destroy();
    };
  }, [id, onFailed]);

  useEffect(() => {
    const root = frame.current;
    if (!root || !file) return;
    const drawing = new Drawing(root, file);
    drawing.start(page ?? 1, quote).then(onMarked, onFailed);
    return () => drawing.stop();
  }, [file, page, quote, onMarked, onFailed]);

  return (
    <div className="pdf" ref={frame} tabIndex={0} role="region" aria-label={t("viewer.pages")}>
      {!file && <p className="loading">{t("viewer.loading")}</p>}
    </div>
  );
}

/** The pages of one file inside a frame that scrolls. */
class Drawing {
  private readonly drawn = new Set<number>();
  private readonly places: HTMLElement[] = [];
  private watcher: IntersectionObserver | undefined;
  private isStopped = false;
  private scale = 1;

  constructor(
    private readonly frame: HTMLElement,
    private readonly file: pdfjs.PDFDocumentProxy,
  ) {}

  /** Lays the pages out, shows one and marks the quote on it. */
  async start(page: number, quote: string | undefined): Promise<boolean> {
    const first = (await this.file.getPage(1)).getViewport({ scale: 1 });
    if (this.isStopped) return false;
    this.scale = Math.max(0.2, (this.frame.clientWidth - 24) / first.width);
    this.frame.replaceChildren();
    for (let number = 1; number <= this.file.numPages; number += 1) {
      const place = document.createElement("div");
      place.className = "pdf-page";
      place.dataset.page = String(number);
      place.style.width = `${first.width * this.scale}px`;
      place.style.height = `${first.height * this.scale}px`;
      this.places.push(place);
    }
    this.frame.append(...this.places);
    const wanted = Math.min(page, this.file.numPages);
    this.places[wanted - 1]?.scrollIntoView();
    await this.draw(wanted);
    const found = quote ? await this.mark(wanted, quote) : true;
    if (!this.isStopped) this.watch();
    return found;
  }

  stop(): void {
    this.isStopped = true;
    this.watcher?.disconnect();
  }

  private watch(): void {
    const seen: IntersectionObserverCallback = (entries) => {
      for (const entry of entries) {
        const number = Number((entry.target as HTMLElement).dataset.page);
        if (entry.isIntersecting) void this.draw(number);
      }
    };
    this.watcher = new IntersectionObserver(seen, { root: this.frame, rootMargin: MARGIN });
    for (const place of this.places) this.watcher.observe(place);
  }

  private async draw(number: number): Promise<void> {
    const place = this.places[number - 1];
    if (!place || this.drawn.has(number)) return;
    this.drawn.add(number);
    const page = await this.file.getPage(number);
    const viewport = page.getViewport({ scale: this.scale });
    const density = Math.min(2, devicePixelRatio || 1);
    const canvas = document.createElement("canvas");
    canvas.width = Math.floor(viewport.width * density);
    canvas.height = Math.floor(viewport.height * density);
    const text = document.createElement("div");
    text.className = "textLayer";
    place.style.width = `${viewport.width}px`;
    place.style.height = `${viewport.height}px`;
    place.style.setProperty("--total-scale-factor", String(this.scale));
    place.replaceChildren(canvas, text);
    const transform = density === 1 ? undefined : [density, 0, 0, density, 0, 0];
    await page.render({ canvas, viewport, transform }).promise;
    const layer = new pdfjs.TextLayer({ textContentSource: page.streamTextContent(), container: text, viewport });
    await layer.render();
  }

  /** Marks the quote on its page, on the next where it goes on there, or a half of it on each: a
   * passage tells the page on which it begins. */
  private async mark(wanted: number, quote: string): Promise<boolean> {
    for (const isPartEnough of [false, true]) {
      for (const number of [wanted, wanted + 1]) {
        const place = this.places[number - 1];
        if (!place || this.isStopped) continue;
        await this.draw(number);
        const marks = quoteBoxes(place, quote, isPartEnough).map(markOf);
        place.append(...marks);
        if (!marks[0]) continue;
        marks[0].scrollIntoView({ block: "center" });
        return true;
      }
    }
    return false;
  }
}

function markOf(box: DOMRect): HTMLElement {
  const mark = document.createElement("div");
  mark.className = "pdf-mark";
  Object.assign(mark.style, { left: `${box.x}px`, top: `${box.y}px`, width: `${box.width}px`, height: `${box.height}px` });
  return mark;
}

/** Where the quote stands on a drawn page, line by line. */
function quoteBoxes(place: HTMLElement, quote: string, isPartEnough: boolean): DOMRect[] {
  const layer = place.querySelector(".textLayer");
  if (!layer) return [];
  const nodes: Text[] = [];
  const starts: number[] = [];
  let text = "";
  const walker = document.createTreeWalker(layer, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    nodes.push(node as Text);
    starts.push(text.length);
    text += node.textContent ?? "";
  }
  const found = locate(text, quote, isPartEnough);
  if (!found) return [];
  const origin = place.getBoundingClientRect();
  const boxes: DOMRect[] = [];
  nodes.forEach((node, at) => {
    const start = starts[at] ?? 0;
    const from = Math.max(found[0] - start, 0);
    const to = Math.min(found[1] - start, node.length);
    if (from >= to) return;
    const range = document.createRange();
    range.setStart(node, from);
    range.setEnd(node, to);
    for (const box of range.getClientRects()) {
      boxes.push(new DOMRect(box.x - origin.x, box.y - origin.y, box.width, box.height));
    }
  });
  return boxes;
}
