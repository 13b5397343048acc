import { randomUUID } from 'node:crypto';
import type { Server as HttpServer } from 'node:http';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { AppError, SegmentAlgorithm } from '@ohif-medsam/protocol';
import type { Router } from 'express';
import type { Logger } from 'pino';
import { EmbeddedArchive } from './adapters/archive/embeddedArchive.ts';
import { embeddedArchiveRouter } from './adapters/archive/embeddedArchiveRouter.ts';
import { archivePixels } from './adapters/archivePixels/archivePixels.ts';
import { dicomWebArchive } from './adapters/dicomweb/dicomWebArchive.ts';
import { dicomWebProxy } from './adapters/dicomweb/dicomWebProxy.ts';
import { askedNameIdentity } from './adapters/identity/askedName.ts';
import { memorySliceStore } from './adapters/memory/sliceStore.ts';
import { createMetrics } from './adapters/metrics.ts';
import { openEnginePool } from './adapters/onnx/enginePool.ts';
import { openDocumentStore } from './adapters/postgres/postgresDocumentStore.ts';
import { segmentationThread } from './adapters/segmentationThread/onThread.ts';
import { openStateFolder, type StateFolder } from './adapters/stateFolder.ts';
import { thisEquipment } from './adapters/thisEquipment.ts';
import { viewerRoutes } from './adapters/viewer/viewerRoutes.ts';
import { watchFolder } from './adapters/watchFolder.ts';
import { createApp } from './app.ts';
import { logFailure } from './transport/logFailure.ts';
import { ownPages } from './transport/ownPages.ts';
import { storeDemoStudy } from './demo/storeDemoStudy.ts';
import { listSegmentations, openSegmentation, saveSegmentation } from './dicomSeg/index.ts';
import type { Archive } from './ports/archive.ts';
import type { Clock } from './ports/clock.ts';
import type { InferenceEngine } from './ports/inferenceEngine.ts';
import { Presence } from './presence/presence.ts';
import { propagate, Propagations } from './propagate/index.ts';
import { segmentFromBox, visibleSlices } from './segment/index.ts';
import { keepDocuments } from './segmentation/index.ts';
import { pullSlices } from './series/pullSlices.ts';
import { SeriesRegistry } from './series/seriesRegistry.ts';
import { modelFoldersOf, type ArchiveSettings, type Settings } from './settings.ts';
import { openGateway } from './transport/gateway.ts';
import { documentHandlers } from './transport/handlers/documentHandlers.ts';
import { promptHandlers } from './transport/handlers/promptHandlers.ts';
import { propagationHandlers } from './transport/handlers/propagationHandlers.ts';
import { segmentationHandlers } from './transport/handlers/segmentationHandlers.ts';
import { leaveAllSeries, seriesHandlers } from './transport/handlers/seriesHandlers.ts';
import { sliceHandlers } from './transport/handlers/sliceHandlers.ts';

const MEGABYTE = 1024 * 1024;

export interface Composition {
  readonly engine: InferenceEngine;
  close(): Promise<void>;
}

export interface CompositionContext {
  readonly http: HttpServer;
  readonly root: string;
  readonly viewerFolder: string;
  readonly log: Logger;
  readonly onStateLost: () => void;
  /** Told what there is to wait for. */
  readonly announce: (message: string) => void;
}

/**
 * Makes every adapter and hands it to the use cases: the one place that knows them all.
 * @param http - Where to serve; it may be listening already, and somebody else answers its requests until all is made.
 * @param root - The project's folder.
 * @param viewerFolder - The unpacked stock viewer.
 * @param onStateLost - Another server took the state folder: stop at once.
 * @throws AppError `state-unwritable`, `state-locked`, `state-timeout`, `state-corrupt`, `documents-unreachable`
 */
export async function compose(
  settings: Settings,
  { http, root, viewerFolder, log, onStateLost, announce }: CompositionContext,
): Promise<Composition> {
  const state = await openStateFolder(settings.stateFolder, onStateLost);
  const clock: Clock = { now: () => new Date() };
  const folders = modelFoldersOf(settings, root);
  const [archive, store, engine] = await Promise.all([
    openArchive(settings.archive, state, announce, log),
    openDocumentStore(settings.documents.kind === 'embedded' ? { folder: state.documents } : settings.documents),
    openEnginePool(
      {
        modelsFolder: folders.embedded,
        installedFolder: folders.installed,
        defaultModelId: settings.models.default,
        providers: settings.models.providers,
        variant: settings.models.variant,
        threads: availableParallelism(),
        imageBytes: 256 * MEGABYTE,
        embeddingBytes: settings.limits.embeddingCacheBytes,
        queueLength: 256,
        runTimeoutMs: 60_000,
        log,
        observe: (served) => metrics.served(served),
      },
      settings.models.engines,
    ),
  ]);
  const unwatch = watchFolder(join(folders.installed, 'cards'), () => void engine.rereadModels());
  const slices = memorySliceStore(settings.limits.sliceCacheBytes);
  const source = settings.pixels === 'pull' ? archivePixels(archive.port) : undefined;
  const pulled = pullSlices({ source, slices });
  const documents = keepDocuments({ store, clock, uuid: randomUUID });
  const { write, read } = segmentationThread();
  const metrics = createMetrics({ sliceBytes: () => slices.bytes, engines: () => engine.health() });
  const series = new SeriesRegistry();
  const presence = new Presence();
  const algorithmOf = algorithmNamer(engine);
  const sliceTimeoutMs = settings.limits.slicePushTimeoutMs;
  const visible = visibleSlices({ slices, engine, pulled, sliceTimeoutMs });
  const propagations = new Propagations({
    documents,
    propagate: propagate({ slices, engine, sliceTimeoutMs }),
    algorithmOf,
    isHere: (participantId) => presence.has(participantId),
    awayMs: sliceTimeoutMs,
  });
  const pages = ownPages(settings);
  const app = createApp({
    dicomWeb: archive.router,
    viewer: viewerRoutes({
      viewer: viewerFolder,
      config: join(root, 'config', 'viewer'),
      extension: join(root, 'extension', 'dist'),
    }),
    health: () => Promise.resolve(healthOf(engine, settings)),
    metrics: metrics.text,
    pages,
    log,
  });
  // Whoever answered until now hands over in one step, so that no request waits for an answer that nobody gives.
  http.removeAllListeners('request').on('request', app);
  const gateway = openGateway(http, {
    identity: askedNameIdentity,
    log,
    messagesPerSecond: settings.limits.messagesPerSecond,
    bytesPerSecond: settings.limits.bytesPerSecond,
    connections: settings.limits.connections,
    pages,
  });
  const { broadcast } = gateway;
  documents.onChanged((change) => broadcast.toSeries(change.seriesUid, 'document:changed', change));
  engine.onModelsChanged(() =>
    broadcast.toAll('models:changed', { models: engine.models(), defaultModelId: engine.defaultModelId }),
  );
  const seriesPorts = { series, documents, presence, propagations, engine, visible, pulled, broadcast };
  gateway.serve(
    {
      ...seriesHandlers(seriesPorts),
      ...sliceHandlers({ series, slices }),
      ...promptHandlers({
        series,
        slices,
        documents,
        visible,
        pulled,
        algorithmOf,
        segmentFromBox: segmentFromBox({ slices, engine }),
        observeSeconds: metrics.promptSeconds,
      }),
      ...propagationHandlers({ series, propagations, pulled, broadcast, log }),
      ...documentHandlers({ documents }),
      ...segmentationHandlers({
        series,
        documents,
        save: saveSegmentation({ archive: archive.port, clock, equipment: thisEquipment, write }),
        open: openSegmentation({ archive: archive.port, read }),
        list: listSegmentations({ archive: archive.port }),
      }),
    },
    leaveAllSeries(seriesPorts),
  );
  return {
    engine,
    async close() {
      unwatch();
      await propagations.close();
      await gateway.close();
      await engine.close();
      await source?.close();
      await store.close();
      await state.release();
    },
  };
}

async function openArchive(
  settings: ArchiveSettings,
  state: StateFolder,
  announce: CompositionContext['announce'],
  log: Logger,
): Promise<{ port: Archive; router: Router }> {
  if (settings.kind === 'dicomweb') {
    const tell = (failure: AppError) => logFailure(log, failure, { message: 'dicom-web' });
    return { port: dicomWebArchive(settings), router: dicomWebProxy(settings, tell) };
  }
  const archive = await EmbeddedArchive.open(state.archive);
  if (archive.unreadable.length > 0)
    announce(
      `${String(archive.unreadable.length)} damaged files of the archive are left out; they stay in ${state.archive}.`,
    );
  if (settings.demoStudy) await storeDemoStudy(archive, announce);
  return { port: archive, router: embeddedArchiveRouter(archive) };
}

/** How a segment that a model drew is described in the DICOM-SEG. */
const algorithmNamer = (engine: InferenceEngine) => {
  return (modelId = engine.defaultModelId): SegmentAlgorithm => {
    const { title, version, sha256 } = engine.model(modelId);
    return { type: 'SEMIAUTOMATIC', name: title, version, modelSha256: sha256 };
  };
};

function healthOf(engine: InferenceEngine, settings: Settings): object {
  const engines = engine.health();
  const isReady = engines.some(({ state }) => state === 'ready') && engine.models().length > 0;
  return {
    status: isReady ? 'ok' : 'degraded',
    archive: settings.archive.kind,
    models: engine.models(),
    defaultModel: engine.defaultModelId,
    engines,
  };
}
