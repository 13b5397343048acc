/**
 * Configuration of the stock OHIF 3.13 viewer, served in place of its own: one data source on this same origin, a quiet
 * first run, and our extension and mode, which the host shim loads at run time.
 */
window.config = async ({ peerImport }) => {
  const { loadMedsam } = await import('/medsam/host.js');
  const { extension, mode } = await loadMedsam(peerImport, '/medsam/index.umd.js');
  return {
    name: 'MedSAM',
    routerBasename: '/',
    extensions: [extension],
    modes: [mode],
    groupEnabledModesFirst: true,
    showStudyList: true,
    // Two cores are common beside a PACS workstation; the viewer decodes in workers of its own.
    maxNumberOfWebWorkers: 3,
    showWarningMessageForCrossOrigin: false,
    showCPUFallbackMessage: true,
    showLoadingIndicator: true,
    strictZSpacingForVolumeViewport: true,
    showErrorDetails: 'dev',
    investigationalUseDialog: { option: 'never' },
    disableConfirmationPrompts: true,
    maxNumRequests: { interaction: 100, thumbnail: 5, prefetch: 10 },
    customizationService: {
      global: { 'ohif.tours': { $set: [] } },
      // The same tool and panel in OHIF's own segmentation mode; without this line that mode stays as it is.
      mode: { segmentation: ['@ohif-medsam/extension.customizationModule.segmentation'] },
    },
    defaultDataSourceName: 'dicomweb',
    dataSources: [
      {
        namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
        sourceName: 'dicomweb',
        configuration: {
          friendlyName: 'Archive',
          name: 'archive',
          qidoRoot: '/dicom-web',
          wadoRoot: '/dicom-web',
          wadoUriRoot: '/dicom-web',
          qidoSupportsIncludeField: true,
          supportsFuzzyMatching: true,
          supportsWildcard: true,
          imageRendering: 'wadors',
          thumbnailRendering: 'wadors',
          enableStudyLazyLoad: true,
          singlepart: 'bulkdata,video,pdf',
          bulkDataURI: { enabled: true },
          omitQuotationForMultipartRequest: true,
        },
      },
    ],
    // Answers of the archive that the viewer cannot use; it shows its own message.
    httpErrorHandler: (error) => console.warn(`archive answered ${error.status}`),
  };
};
