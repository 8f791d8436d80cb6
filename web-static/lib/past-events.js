/**
 * What happened in a flow before its page was opened.
 */

/**
 * The last events up to a position, as far as they are kept.
 * @param {(method: string, path: string) => Promise<any>} call
 * @param {string} flow
 * @param {number} seq
 * @param {number} count
 * @returns {Promise<object[]>}
 */
export async function pastEvents(call, flow, seq, count) {
  const page = async (after) => {
    const { items } = await call('GET', `/v1/flows/${encodeURIComponent(flow)}/events?after=${after}&limit=${count}`);
    return items;
  };
  try {
    return await page(Math.max(0, seq - count));
  } catch (error) {
    if (error.code !== 'history_gone') throw error;
    const first = error.problem.first_seq;
    return first > seq ? [] : page(first - 1);
  }
}
