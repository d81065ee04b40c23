/** Every case, in the order in which it is played. */
import type { Case } from './case.ts'
import { foreignAcks, revokedKey, storm, tooLarge, unreadable } from './cases/answers.ts'
import { discarded } from './cases/background.ts'
import { clockJumps } from './cases/clock.ts'
import { browserKill, crashBeforeAck, tabCrash } from './cases/crashes.ts'
import { killedBetween, restartLoop, rollingDeploy, twoInstances } from './cases/deploys.ts'
import { passingErrors } from './cases/errors.ts'
import { fullDevice, wipedDevice } from './cases/full-or-wiped.ts'
import { killedMigration } from './cases/killed-migration.ts'
import { largeLeave, noBeacon } from './cases/leaving.ts'
import {
  captivePortal,
  halfOpen,
  lostReply,
  noName,
  noReply,
  refusedLong,
  slowDrip,
  torn,
} from './cases/network.ts'
import { offlineDay } from './cases/offline.ts'
import { crashAfterAck, crashes, diskFull, fewConnections, readOnly } from './cases/outages.ts'
import { changedIdentity, revokedConsent, revokedRequest } from './cases/people.ts'
import { poisoned } from './cases/poison.ts'
import { migration, missingPartition, pooler } from './cases/schema.ts'
import { stalledLoop } from './cases/stall.ts'
import { hangingStore, noStore } from './cases/storage.ts'
import { loadedTwice, noLocks, tenTabs } from './cases/tabs.ts'
import { otherVersion } from './cases/versions.ts'

/** The cases. */
export const cases: readonly Case[] = [
  tabCrash,
  browserKill,
  crashBeforeAck,
  offlineDay,
  fullDevice,
  noStore,
  hangingStore,
  wipedDevice,
  tenTabs,
  noLocks,
  clockJumps,
  discarded,
  largeLeave,
  noBeacon,
  storm,
  revokedKey,
  unreadable,
  tooLarge,
  halfOpen,
  slowDrip,
  noReply,
  torn,
  captivePortal,
  noName,
  refusedLong,
  lostReply,
  foreignAcks,
  otherVersion,
  loadedTwice,
  revokedConsent,
  revokedRequest,
  changedIdentity,
  rollingDeploy,
  killedBetween,
  restartLoop,
  stalledLoop,
  poisoned,
  twoInstances,
  crashes,
  crashAfterAck,
  fewConnections,
  passingErrors,
  readOnly,
  diskFull,
  migration,
  killedMigration,
  missingPartition,
  pooler,
]
