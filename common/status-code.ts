/** The gRPC status codes that tepui answers with, by name; numbers as in google.rpc.Code. */

export const statusCodes = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

export type StatusCode = keyof typeof statusCodes;

const namesByNumber: ReadonlyMap<number, StatusCode> = new Map(
  Object.entries(statusCodes).map(([name, number]) => [number, name as StatusCode]),
);

/** The name of a status number; undefined for one that tepui does not use. */
export function statusCodeOf(number: number): StatusCode | undefined {
  return namesByNumber.get(number);
}
