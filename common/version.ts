/** The version of tepui that processes report; package.json has the same (a test compares them). */

export const version = "0.1.0";
