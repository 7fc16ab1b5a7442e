#include "network.h"
#include "system.h"
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static bool up_at(int fd, const char *name) {
    struct ifreq request = {0};
    strncpy(request.ifr_name, name, sizeof request.ifr_name - 1);
    if (ioctl(fd, SIOCGIFFLAGS, &request) < 0) {
        return false;
    }
    request.ifr_flags |= IFF_UP;
    return ioctl(fd, SIOCSIFFLAGS, &request) == 0;
}

bool network_up_loopback(struct failure *failure) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool up = (fd >= 0 && up_at(fd, "lo")) || fail_errno(failure, "cannot bring the loopback interface up");
    close_fd(&fd);
    return up;
}

static bool find_card(char name[IFNAMSIZ]) {
    DIR *cards = opendir("/sys/class/net");
    struct dirent *card;
    bool found = false;
    while (cards != NULL && !found && (card = readdir(cards)) != NULL) {
        found = card->d_name[0] != '.' && strcmp(card->d_name, "lo") != 0 && strlen(card->d_name) < IFNAMSIZ;
        if (found) {
            strcpy(name, card->d_name);
        }
    }
    if (cards != NULL) {
        (void)closedir(cards); // opened for reading
    }
    return found;
}

static struct sockaddr internet(uint32_t address) {
    struct sockaddr_in internet = {.sin_family = AF_INET, .sin_addr.s_addr = address};
    struct sockaddr any;
    memcpy(&any, &internet, sizeof any);
    return any;
}

static bool set_address(int fd, const char *name, unsigned long what, uint32_t address) {
    struct ifreq request = {.ifr_addr = internet(address)};
    strncpy(request.ifr_name, name, sizeof request.ifr_name - 1);
    return ioctl(fd, (int)what, &request) == 0;
}

bool network_up(const struct network_field *network, struct failure *failure) {
    char name[IFNAMSIZ];
    if (!network->given) {
        return true;
    }
    if (!find_card(name)) {
        return fail(failure, STATUS_FAILED, "there is no network card");
    }
    uint32_t mask = network->prefix == 0 ? 0 : htonl(UINT32_MAX << (32 - network->prefix));
    struct rtentry route = {
        .rt_dst = internet(0), .rt_genmask = internet(0), .rt_gateway = internet(network->gateway), .rt_flags = RTF_UP | RTF_GATEWAY};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool good = (fd >= 0 && set_address(fd, name, SIOCSIFADDR, network->address) && set_address(fd, name, SIOCSIFNETMASK, mask)
                    && up_at(fd, name) && (network->gateway == 0 || ioctl(fd, SIOCADDRT, &route) == 0 || errno == EEXIST)) // by a START that failed later
        || fail_errno(failure, "cannot set up the network card %s", name);
    close_fd(&fd);
    return good;
}
