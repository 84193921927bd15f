/** Addresses of the pages, and who is let through: nobody without log-in, nobody past a one-time password. */

import { createRouter, createWebHistory, type RouteLocationNormalized, type RouteLocationRaw, type RouteRecordRaw } from 'vue-router';
import { newReportId } from './pages/reports/draft';
import { useSession } from './session';

declare module 'vue-router' {
  interface RouteMeta {
    /** Shown without the shell's frame: log-in, the meeting room. */
    bare?: boolean;
    /** Open to everybody. */
    open?: boolean;
    /** The menu entry it belongs to, where its address says otherwise. */
    section?: string;
  }
}

export const routes: RouteRecordRaw[] = [
  { path: '/login', name: 'login', component: () => import('./pages/LoginPage.vue'), meta: { bare: true, open: true } },
  { path: '/password', name: 'password', component: () => import('./pages/PasswordPage.vue'), meta: { bare: true } },
  { path: '/', name: 'start', component: () => import('./pages/StartPage.vue') },
  { path: '/meetings', name: 'meetings', component: () => import('./pages/MeetingsPage.vue') },
  { path: '/meetings/new', name: 'newMeeting', component: () => import('./pages/MeetingFormPage.vue') },
  { path: '/meetings/:id', name: 'meeting', component: () => import('./pages/MeetingPage.vue'), props: true },
  { path: '/meetings/:id/edit', name: 'editMeeting', component: () => import('./pages/MeetingFormPage.vue'), props: true },
  { path: '/meetings/:id/sheet', name: 'sheet', component: () => import('./pages/SheetPage.vue'), props: true },
  {
    path: '/meetings/:id/record',
    name: 'record',
    component: () => import('./pages/RecordPage.vue'),
    props: true,
    meta: { section: 'records' },
  },
  { path: '/meet/:id', name: 'meet', component: () => import('./meeting/MeetPage.vue'), props: true, meta: { bare: true } },
  { path: '/i/:token', name: 'invitation', component: () => import('./pages/InvitationPage.vue'), props: true },
  {
    path: '/recordings/:id',
    name: 'recording',
    component: () => import('./pages/recording/RecordingPage.vue'),
    props: true,
    meta: { section: 'meetings' },
  },
  { path: '/records', name: 'records', component: () => import('./pages/RecordsPage.vue') },
  { path: '/points', name: 'points', component: () => import('./pages/PointsPage.vue') },
  { path: '/members', name: 'members', component: () => import('./pages/MembersPage.vue') },
  { path: '/members/import', name: 'import', component: () => import('./pages/ImportPage.vue') },
  {
    path: '/members/:id/file',
    name: 'memberFile',
    component: () => import('./pages/file/FilePage.vue'),
    props: true,
    meta: { section: 'members' },
  },
  { path: '/file', name: 'myFile', component: () => import('./pages/file/FilePage.vue') },
  {
    path: '/file-requests',
    name: 'fileRequests',
    component: () => import('./pages/file/RequestsPage.vue'),
    meta: { section: 'fileRequests' },
  },
  { path: '/my-data', name: 'myData', component: () => import('./pages/privacy/MyDataPage.vue') },
  { path: '/offices', name: 'offices', component: () => import('./pages/privacy/OfficesPage.vue') },
  { path: '/system', name: 'system', component: () => import('./pages/privacy/SystemPage.vue') },
  { path: '/protection', name: 'protection', component: () => import('./pages/privacy/ProtectionPage.vue') },
  {
    path: '/breaches/:id',
    name: 'breach',
    component: () => import('./pages/privacy/BreachPage.vue'),
    props: true,
    meta: { section: 'protection' },
  },
  { path: '/breach-notices/:id', name: 'breachNotice', component: () => import('./pages/privacy/BreachNoticePage.vue'), props: true },
  { path: '/members/:id', name: 'member', component: () => import('./pages/MemberPage.vue'), props: true },
  { path: '/transfers', name: 'transfers', component: () => import('./pages/transfers/TransfersPage.vue') },
  { path: '/transfers/new', name: 'newTransfer', component: () => import('./pages/transfers/NewTransferPage.vue') },
  { path: '/transfers/batch', name: 'transferBatch', component: () => import('./pages/transfers/BatchPage.vue') },
  { path: '/transfers/arrival', name: 'transferArrival', component: () => import('./pages/transfers/ArrivalPage.vue') },
  { path: '/transfers/import', name: 'registerImport', component: () => import('./pages/transfers/RegisterImportPage.vue') },
  { path: '/transfers/:id', name: 'transfer', component: () => import('./pages/transfers/TransferPage.vue'), props: true },
  {
    path: '/letters/:code?',
    name: 'letter',
    component: () => import('./pages/transfers/LetterPage.vue'),
    props: true,
    meta: { open: true },
  },
  { path: '/away', name: 'away', component: () => import('./pages/floating/AwayPage.vue') },
  { path: '/floating', name: 'floating', component: () => import('./pages/floating/FloatingPage.vue') },
  { path: '/floating/:id', name: 'registration', component: () => import('./pages/floating/RegistrationPage.vue'), props: true },
  {
    path: '/floating/:id/certificate',
    name: 'certificate',
    component: () => import('./pages/floating/CertificatePage.vue'),
    props: true,
    meta: { section: 'away' },
  },
  {
    path: '/certificates/check',
    name: 'checkCertificate',
    component: () => import('./pages/floating/CheckPage.vue'),
    meta: { section: 'floating' },
  },
  { path: '/work', name: 'work', component: () => import('./pages/work/WorkPage.vue') },
  { path: '/my-dues', name: 'myDues', component: () => import('./pages/dues/DuesBookPage.vue') },
  { path: '/dues', name: 'dues', component: () => import('./pages/dues/DuesPage.vue') },
  {
    path: '/dues/:id',
    name: 'duesBook',
    component: () => import('./pages/dues/DuesBookPage.vue'),
    props: true,
    meta: { section: 'dues' },
  },
  { path: '/organisations', name: 'organisations', component: () => import('./pages/OrganisationsPage.vue') },
  { path: '/dashboard/:orgId?', name: 'dashboard', component: () => import('./pages/figures/DashboardPage.vue'), props: true },
  {
    path: '/dashboard/:orgId/list',
    name: 'figureList',
    component: () => import('./pages/figures/FigureListPage.vue'),
    props: true,
    meta: { section: 'dashboard' },
  },
  { path: '/account', name: 'account', component: () => import('./pages/AccountPage.vue') },
  { path: '/notifications', name: 'notifications', component: () => import('./pages/notifications/NotificationsPage.vue') },
  {
    path: '/notifications/settings',
    name: 'notificationSettings',
    component: () => import('./pages/notifications/SettingsPage.vue'),
  },
  { path: '/deliveries', name: 'deliveries', component: () => import('./pages/notifications/DeliveriesPage.vue') },
  { path: '/webhooks', name: 'webhooks', component: () => import('./pages/notifications/WebhooksPage.vue') },
  { path: '/reports', name: 'reports', component: () => import('./pages/reports/ReportsPage.vue') },
  // The sheet has its address before its first word: opened again after a phone let go of the page, it is the same sheet.
  { path: '/reports/new', name: 'newReport', redirect: () => ({ name: 'report', params: { id: newReportId() }, query: { new: '' } }) },
  { path: '/reports/branch', name: 'branchReports', component: () => import('./pages/reports/BranchReportsPage.vue') },
  {
    path: '/reports/:id',
    name: 'report',
    component: () => import('./pages/reports/ReportPage.vue'),
    props: (route) => ({ id: route.params.id, fresh: 'new' in route.query }),
  },
  { path: '/branch', name: 'branch', component: () => import('./pages/discussion/BranchPage.vue') },
  { path: '/discussion', name: 'threads', component: () => import('./pages/discussion/ThreadsPage.vue'), meta: { section: 'branch' } },
  {
    path: '/discussion/:id',
    name: 'thread',
    component: () => import('./pages/discussion/ThreadPage.vue'),
    props: true,
    meta: { section: 'branch' },
  },
  { path: '/access', name: 'access', component: () => import('./pages/AccessPage.vue') },
  { path: '/privacy', name: 'privacy', component: () => import('./pages/PrivacyPage.vue') },
  { path: '/help', name: 'help', component: () => import('./pages/HelpPage.vue') },
  { path: '/test', name: 'test', component: () => import('./selftest/SelfTestPage.vue'), meta: { bare: true, open: true } },
  { path: '/trouble', name: 'trouble', component: () => import('./pages/TroublePage.vue'), meta: { bare: true, open: true } },
  { path: '/:rest(.*)*', name: 'lost', component: () => import('./pages/LostPage.vue'), meta: { open: true } },
];

export const router = createRouter({
  history: createWebHistory(),
  routes,
  scrollBehavior: (to, _from, saved) => saved ?? (to.hash ? { el: to.hash } : { top: 0 }),
});

type Who = { loggedIn: boolean; mustChangePassword: boolean };

/** Where somebody is sent instead, or true. Pure, so that it can be told as a table. */
export function admit(to: Pick<RouteLocationNormalized, 'name' | 'fullPath' | 'meta'>, who: Who): true | RouteLocationRaw {
  if (to.name === 'login') return who.loggedIn ? { name: 'start' } : true;
  if (!who.loggedIn) return to.meta.open ? true : { name: 'login', query: to.fullPath === '/' ? {} : { next: to.fullPath } };
  return who.mustChangePassword && to.name !== 'password' ? { name: 'password' } : true;
}

router.beforeEach(async (to) => {
  const session = useSession();
  if (to.name === 'trouble') return true;
  try {
    await session.restore();
  } catch {
    return { name: 'trouble', query: { next: to.fullPath } };
  }
  return admit(to, { loggedIn: session.loggedIn, mustChangePassword: session.me?.mustChangePassword ?? false });
});

/** A new version was installed while this page was open: its chunks are gone, and only loading the page afresh helps. */
router.onError((failure: Error, to) => {
  if (/dynamically imported module|module script|preload CSS|Failed to fetch/i.test(failure.message)) window.location.assign(to.fullPath);
});
