/** Lists of what a core said to each peer, as the drivers of tests keep them. */

/** Appends to the list of a key, which may be the first. */
export function push<K, V>(lists: Map<K, V[]>, key: K, item: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}

/** Takes the items of one kind out of the list of an id, and leaves the others. */
export function take<Id, Item extends { readonly kind: string }, K extends Item["kind"]>(
  lists: Map<Id, Item[]>,
  id: Id,
  kind: K,
): Extract<Item, { kind: K }>[] {
  const isWanted = (item: Item): item is Extract<Item, { kind: K }> => item.kind === kind;
  const list = lists.get(id) ?? [];
  const taken = list.filter(isWanted);
  lists.set(
    id,
    list.filter((item) => !isWanted(item)),
  );
  return taken;
}
