import type { Slide } from "#server/api/schemas/slides.ts";
import { ApiError, problemFrom, withQuery } from "./http.ts";

export type SlideUpload = {
  readonly projectId: string;
  readonly file: File;
  readonly name: string;
  readonly caseName: string;
  /** um per level-0 px where the person states it. */
  readonly mpp: number | null;
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * Sends a slide file as it is.
 * @param onProgress share sent, 0 to 1; at 1 the server is still reading the file
 * @throws ApiError with what is wrong with the file
 */
export function uploadSlide(
  upload: SlideUpload,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<Slide> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const query = { name: upload.name, case: upload.caseName, mpp: upload.mpp ?? undefined };
    request.open("POST", withQuery(`/api/v1/projects/${upload.projectId}/slides`, query));
    request.setRequestHeader("content-type", "application/octet-stream");
    request.upload.onprogress = (event) => onProgress(event.total === 0 ? 0 : event.loaded / event.total);
    request.onload = () => {
      const body = parsed(request.responseText);
      if (request.status >= 200 && request.status < 300) resolve(body as Slide);
      else reject(problemFrom(request.status, body));
    };
    request.onerror = () =>
      reject(new ApiError({ code: "unreachable", title: "The upload was cut off. Try again.", status: 0, detail: {} }));
    request.onabort = () => reject(new DOMException("The upload was stopped.", "AbortError"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(upload.file);
  });
}
