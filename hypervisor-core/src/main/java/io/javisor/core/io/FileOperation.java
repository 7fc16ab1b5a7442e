package io.javisor.core.io;

/** What may be asked of a file. */
enum FileOperation {
    READV,
    WRITEV,
    FDATASYNC,
    FALLOCATE
}
