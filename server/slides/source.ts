import { type ByteFile, openByteFile } from "./byte-file.ts";
import { withComposedLevels } from "./composed.ts";
import { SlideError, type SlideSource } from "./slide-source.ts";
import { openTiff } from "./tiff.ts";

export { SlideError, type SlideErrorCode, type SlideSource, slideErrorCodes, type TileBytes } from "./slide-source.ts";

export type ImageKind = "tiff" | "jpeg" | "png" | "dicom" | "unknown";

/** What a file is by its first bytes (132 are enough); its name is never asked. */
export function kindOf(head: Uint8Array): ImageKind {
  const text = new TextDecoder("latin1").decode(head);
  if (/^(II[\x2a\x2b]\0|MM\0[\x2a\x2b])/.test(text)) return "tiff";
  if (text.startsWith("\xff\xd8\xff")) return "jpeg";
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return "png";
  return text.slice(128, 132) === "DICM" ? "dicom" : "unknown";
}

export type OpenOptions = {
  /** Folder in which composed tiles are kept; without it they are composed again after each opening. */
  readonly sidecar?: string;
  /** Only the levels that the file holds. */
  readonly storedOnly?: boolean;
};

/**
 * Opens a slide by what its bytes are. Levels that the file lacks are composed on request.
 * @throws SlideError slide-not-an-image, slide-damaged, slide-unsupported; plain images are unsupported with
 * `detail.plain` true: see image.ts
 */
export async function openSlide(path: string, options: OpenOptions = {}): Promise<SlideSource> {
  const file = await openByteFile(path);
  try {
    const source = await openKind(file);
    return options.storedOnly === true ? source : withComposedLevels(source, options.sidecar ?? null);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function openKind(file: ByteFile): Promise<SlideSource> {
  const kind = kindOf(await file.read(0, Math.min(132, file.size)));
  switch (kind) {
    case "tiff":
      return openTiff(file);
    case "jpeg":
    case "png":
      throw new SlideError("slide-unsupported", "it is a plain image; it must be converted first", { plain: true });
    case "dicom":
      throw new SlideError("slide-unsupported", "DICOM files are not read yet", { vendor: "DICOM" });
    case "unknown":
      throw new SlideError("slide-not-an-image", "it is neither a slide nor an image");
    default:
      return kind satisfies never;
  }
}
