import { TokenStore } from '../protocol/tokens';

/** The keys of this tab. */
export const tokenStore = new TokenStore(window.sessionStorage);
