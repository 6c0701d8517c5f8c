/** All checkers, in the order of guarantees.md. A new one is a file and a line here; a test demands its good and bad histories. */

import type { Checker } from "./checker.ts";
import { freeResourcesAreOffered } from "./l01-free-resources-are-offered.ts";
import { expiredFiltersFreeOffers } from "./l02-expired-filters-free-offers.ts";
import { launchesAndEndsAreTold } from "./l03-launches-and-ends-are-told.ts";
import { unacknowledgedUpdatesRetried } from "./l04-unacknowledged-updates-retried.ts";
import { killsAreAnswered } from "./l05-kills-are-answered.ts";
import { repeatedQuestionsAreAnswered } from "./l06-repeated-questions-are-answered.ts";
import { partitionsAreToldAndHealed } from "./l09-partitions-are-told-and-healed.ts";
import { drainsEnd } from "./l10-drains-end.ts";
import { holdersAreAsked } from "./l11-holders-are-asked.ts";
import { expiredFrameworksRemoved } from "./l12-expired-frameworks-removed.ts";
import { restartedAgentsKeepTasks } from "./l13-restarted-agents-keep-tasks.ts";
import { heartbeatsCome } from "./l14-heartbeats-come.ts";
import { executorsShutDown } from "./l16-executors-shut-down.ts";
import { resourcesConserved } from "./s01-resources-conserved.ts";
import { idsNameOneThing } from "./s02-ids-name-one-thing.ts";
import { offersUsedOnce } from "./s03-offers-used-once.ts";
import { offersUsedByOwner } from "./s04-offers-used-by-owner.ts";
import { offersOfOneAcceptMatch } from "./s05-offers-of-one-accept-match.ts";
import { onlyConnectedAgentsAreOffered } from "./s06-only-connected-agents-are-offered.ts";
import { offersOfLeavingAgentRescinded } from "./s07-offers-of-leaving-agent-rescinded.ts";
import { launchesFitOffers } from "./s08-launches-fit-offers.ts";
import { refusedResourcesStayAway } from "./s09-refused-resources-stay-away.ts";
import { suppressedRolesGetNoOffers } from "./s10-suppressed-roles-get-no-offers.ts";
import { taskStatesAdvance } from "./s11-task-states-advance.ts";
import { updatesInOrder } from "./s12-updates-in-order.ts";
import { endsAreReported } from "./s13-ends-are-reported.ts";
import { acknowledgedUpdatesRest } from "./s14-acknowledged-updates-rest.ts";
import { repeatedUpdatesAreTheSame } from "./s15-repeated-updates-are-the-same.ts";
import { taskIdsUnique } from "./s16-task-ids-unique.ts";
import { oneProcessPerTask } from "./s17-one-process-per-task.ts";
import { onlyWantedTasksRun } from "./s18-only-wanted-tasks-run.ts";
import { endedTasksStayEnded } from "./s19-ended-tasks-stay-ended.ts";
import { endsAreTrue } from "./s20-ends-are-true.ts";
import { agentIdsNotReused } from "./s21-agent-ids-not-reused.ts";
import { drainNowIsAnnounced } from "./s22-drain-now-is-announced.ts";
import { agentsSpeakForThemselves } from "./s23-agents-speak-for-themselves.ts";
import { reconciliationAnswers } from "./s24-reconciliation-answers.ts";
import { goneTasksAreAnnouncedOnce } from "./s25-gone-tasks-are-announced-once.ts";
import { onlySilentAgentsAreUnreachable } from "./s26-only-silent-agents-are-unreachable.ts";
import { withheldAgentsStaySo } from "./s27-withheld-agents-stay-so.ts";
import { oneLiveStream } from "./s28-one-live-stream.ts";
import { oldStreamsHaveNoSay } from "./s29-old-streams-have-no-say.ts";
import { connectedInTimeKeepsFramework } from "./s30-connected-in-time-keeps-framework.ts";
import { teardownLeavesNothing } from "./s31-teardown-leaves-nothing.ts";
import { streamsCarryEverything } from "./s32-streams-carry-everything.ts";
import { forbiddenChangesRefusedWhole } from "./s33-forbidden-changes-refused-whole.ts";
import { callsTakeEffectInOrder } from "./s34-calls-take-effect-in-order.ts";
import { inverseOffersAskHolders } from "./s35-inverse-offers-ask-holders.ts";
import { oldWindowsAreTakenBack } from "./s36-old-windows-are-taken-back.ts";
import { oneInverseOfferAtATime } from "./s37-one-inverse-offer-at-a-time.ts";
import { schedulesChangeWhole } from "./s38-schedules-change-whole.ts";
import { offersTellWindows } from "./s39-offers-tell-windows.ts";
import { downMachinesAreEmpty } from "./s40-down-machines-are-empty.ts";
import { drainedAgentsAreEmpty } from "./s41-drained-agents-are-empty.ts";
import { inverseFiltersHold } from "./s42-inverse-filters-hold.ts";
import { whatWasToldIsKept } from "./s43-what-was-told-is-kept.ts";
import { booksAgreeInQuiet } from "./s45-books-agree-in-quiet.ts";
import { noUnexpectedExit } from "./s46-no-unexpected-exit.ts";
import { documentedStatusesOnly } from "./s47-documented-statuses.ts";
import { quotasHold } from "./s48-quotas-hold.ts";
import { offersOfGoneFrameworksReturn } from "./s49-offers-of-gone-frameworks-return.ts";
import { lostTasksDoNotRun } from "./s50-lost-tasks-do-not-run.ts";
import { reservationsAreRespected } from "./s52-reservations-are-respected.ts";
import { operationsEndOnce } from "./s53-operations-end-once.ts";
import { volumesStay } from "./s54-volumes-stay.ts";
import { groupsFallTogether } from "./s55-groups-fall-together.ts";
import { windowsAreEnforced } from "./s56-windows-are-enforced.ts";
import { healthDecides } from "./s60-health-decides.ts";
import { completionTimesAreKept } from "./s61-completion-times-are-kept.ts";
import { guaranteesStayFree } from "./s62-guarantees-stay-free.ts";
import { eventStreamsMissNothing } from "./s63-event-streams-miss-nothing.ts";

export const checkers: readonly Checker[] = [
  freeResourcesAreOffered,
  expiredFiltersFreeOffers,
  launchesAndEndsAreTold,
  unacknowledgedUpdatesRetried,
  killsAreAnswered,
  repeatedQuestionsAreAnswered,
  partitionsAreToldAndHealed,
  drainsEnd,
  holdersAreAsked,
  expiredFrameworksRemoved,
  restartedAgentsKeepTasks,
  heartbeatsCome,
  executorsShutDown,
  resourcesConserved,
  idsNameOneThing,
  offersUsedOnce,
  offersUsedByOwner,
  offersOfOneAcceptMatch,
  onlyConnectedAgentsAreOffered,
  offersOfLeavingAgentRescinded,
  launchesFitOffers,
  refusedResourcesStayAway,
  suppressedRolesGetNoOffers,
  taskStatesAdvance,
  updatesInOrder,
  endsAreReported,
  acknowledgedUpdatesRest,
  repeatedUpdatesAreTheSame,
  taskIdsUnique,
  oneProcessPerTask,
  onlyWantedTasksRun,
  endedTasksStayEnded,
  endsAreTrue,
  agentIdsNotReused,
  drainNowIsAnnounced,
  agentsSpeakForThemselves,
  reconciliationAnswers,
  goneTasksAreAnnouncedOnce,
  onlySilentAgentsAreUnreachable,
  withheldAgentsStaySo,
  oneLiveStream,
  oldStreamsHaveNoSay,
  connectedInTimeKeepsFramework,
  teardownLeavesNothing,
  streamsCarryEverything,
  forbiddenChangesRefusedWhole,
  callsTakeEffectInOrder,
  inverseOffersAskHolders,
  oldWindowsAreTakenBack,
  oneInverseOfferAtATime,
  schedulesChangeWhole,
  offersTellWindows,
  downMachinesAreEmpty,
  drainedAgentsAreEmpty,
  inverseFiltersHold,
  whatWasToldIsKept,
  booksAgreeInQuiet,
  noUnexpectedExit,
  documentedStatusesOnly,
  quotasHold,
  offersOfGoneFrameworksReturn,
  lostTasksDoNotRun,
  reservationsAreRespected,
  operationsEndOnce,
  volumesStay,
  groupsFallTogether,
  windowsAreEnforced,
  healthDecides,
  completionTimesAreKept,
  guaranteesStayFree,
  eventStreamsMissNothing,
];
