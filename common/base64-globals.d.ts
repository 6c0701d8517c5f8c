/** The generated codecs use these two pure functions; every JavaScript runtime has them, plain ECMAScript does not declare them. */
declare function atob(data: string): string;
declare function btoa(data: string): string;
