package io.javisor.images.erofs;

/**
 * A name in a directory.
 *
 * @param name bytes as an ISO 8859-1 string; never dot or dot-dot
 * @param kind what the directory says that it is
 * @param nid the number of the inode
 */
public record ErofsEntry(String name, ErofsKind kind, long nid) {}
