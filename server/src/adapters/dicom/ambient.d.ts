/** Packages that ship without types; only what is used here is declared. */
declare module 'dcmjs' {
  const dcmjs: { readonly data: unknown };
  export default dcmjs;
}
declare module '@cornerstonejs/dicom-codec' {
  interface ImageInfo {
    readonly rows: number;
    readonly columns: number;
    readonly bitsAllocated: number;
    readonly samplesPerPixel: number;
    readonly pixelRepresentation: number;
    readonly signed: boolean;
  }
  const dicomCodec: {
    hasCodec(transferSyntaxUid: string): boolean;
    decode(frame: Uint8Array, info: ImageInfo, transferSyntaxUid: string): Promise<{ imageFrame: ArrayBufferView }>;
  };
  export default dicomCodec;
}
declare module '@cornerstonejs/codec-charls/decodewasmjs' {
  const open: (options: object) => Promise<unknown>;
  export default open;
}
declare module '@cornerstonejs/codec-charls/wasmjs' {
  const open: (options: object) => Promise<unknown>;
  export default open;
}
declare module '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs' {
  const open: (options: object) => Promise<unknown>;
  export default open;
}
declare module '@cornerstonejs/codec-openjpeg/decodewasmjs' {
  const open: (options: object) => Promise<unknown>;
  export default open;
}
declare module '@cornerstonejs/codec-openjph/wasmjs' {
  const open: (options: object) => Promise<unknown>;
  export default open;
}
