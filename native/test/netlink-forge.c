/*
 * netlink-forge PORT - sends one message about a link that does not exist to the netlink socket with that
 * port id (nl_pid), as an attacker would. Needs CAP_NET_ADMIN in the owner of the network namespace.
 */
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  struct {
    struct nlmsghdr header;
    struct ifinfomsg link;
  } message = {
      .header = {.nlmsg_len = sizeof message, .nlmsg_type = RTM_NEWLINK},
      .link = {.ifi_index = 4242},
  };
  struct sockaddr_nl victim = {.nl_family = AF_NETLINK, .nl_pid = (unsigned int)strtoul(argv[1], NULL, 10)};
  int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  if (fd < 0 || sendto(fd, &message, sizeof message, 0, (struct sockaddr *)&victim, sizeof victim) < 0) {
    perror("netlink-forge");
    return 1;
  }
  return 0;
}
