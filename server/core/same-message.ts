/** Whether two descriptions or messages say the same; decides whether a record must be written again. */

/** Compares plain data: objects, arrays, bytes, strings, numbers, bigints, booleans. A field that is undefined is as good as absent. */
export function isSameMessage(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (left instanceof Uint8Array || right instanceof Uint8Array || Array.isArray(left) || Array.isArray(right)) {
    return isSameList(left, right);
  }
  const rightFields = new Map(definedFields(right));
  const leftFields = definedFields(left);
  return leftFields.length === rightFields.size && leftFields.every(([name, value]) => isSameMessage(value, rightFields.get(name)));
}

function isSameList(left: object, right: object): boolean {
  if (left instanceof Uint8Array && right instanceof Uint8Array) {
    return left.length === right.length && left.every((byte, index) => byte === right[index]);
  }
  if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
  return left.every((item, index) => isSameMessage(item, right[index]));
}

function definedFields(message: object): [string, unknown][] {
  return Object.entries(message).filter(([, value]) => value !== undefined);
}
