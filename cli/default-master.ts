/** Where `tepui up` has its master unless told otherwise, and where the other commands and the examples look for one. */

export const defaultPort = 6050;

export const defaultMaster = `127.0.0.1:${defaultPort}`;
