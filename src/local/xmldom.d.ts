/**
 * What is used of @xmldom/xmldom. Its own declarations bring a browser's global names (`name`, `event`, `document`)
 * into every file, where they would hide a missing variable; those of this path are not read.
 */
declare module "@xmldom/xmldom/lib/index.js" {
  export class DOMParser {
    constructor(options: { readonly errorHandler: (level: string, message: string) => void });
    parseFromString(text: string, type: "text/xml"): XmlDocument | undefined;
  }

  interface XmlDocument {
    readonly documentElement: XmlNode | null;
  }

  interface XmlNode {
    /** 1: an element, 3: text, 4: a CDATA section. */
    readonly nodeType: number;
    readonly namespaceURI: string | null;
    readonly localName: string | null;
    readonly data?: string;
    readonly childNodes: ArrayLike<XmlNode>;
    readonly attributes: ArrayLike<{ readonly name: string; readonly value: string }>;
  }
}
